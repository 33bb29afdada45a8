import { expect } from 'vitest';
import { eventually } from './eventually.ts';
import { ownerSql, type TestTenant } from './mint-tenant.ts';

/** The row of a tenant's one request, once Postgres has it; exactly one. */
export async function rowOf({ tenantId }: TestTenant) {
  const read =
    () => ownerSql()`select status, error_code, cost_usd::float8 as cost, input_token_count::int as input, output_token_count::int as output
    from requests where tenant_id = ${tenantId}`;
  const rows = await eventually(read, (found) => found.length > 0);
  expect(rows).toHaveLength(1);
  return rows[0];
}

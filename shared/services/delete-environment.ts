import { sql } from 'drizzle-orm';
import { ok, type Result } from '../errors/result.ts';
import { type ChangeContext, type ChangeRefusal, deleteConfiguration } from './change-configuration.ts';
import { ENVIRONMENTS } from './environment-fields.ts';

const BLOCKED =
  'The environment has keys (revoked ones too), rate limits, identity providers, tasks or requests, which stay with it.';

/**
 * Removes an environment that nothing belongs to, with an audit row. Requests are looked for in what was counted of them,
 * which outlives them; the others refer to it. A request that ran without a key and is not recorded yet
 * is not seen: it is recorded all the same.
 */
export async function deleteEnvironment(by: ChangeContext, id: string): Promise<Result<null, ChangeRefusal>> {
  const condition = sql`not exists (
    select from usage_aggregates where tenant_id = ${by.tenantId} and environment_id = ${id})`;
  const deleted = await deleteConfiguration(by, ENVIRONMENTS, id, { condition, blocked: BLOCKED });
  return deleted.ok ? ok(null) : deleted;
}

import { sql } from 'drizzle-orm';
import type { Database } from '../db/client.ts';
import { withTenant } from '../db/with-tenant.ts';

/** A recorded request, as far as another route of it can be told of. Content is not recorded. */
export interface RecentRequest {
  readonly [column: string]: unknown;
  readonly id: string;
  readonly environmentId: string;
  readonly provider: string;
  readonly model: string;
  readonly taskType: string;
  readonly latencyMs: number | null;
  readonly inputTokens: number | null;
  readonly outputTokens: number | null;
  /** Pico-dollars. */
  readonly costPicoUsd: string;
  readonly metadata: Record<string, unknown>;
}

/** A tenant's last requests that were answered, newest first. */
export async function listRecentRequests(input: {
  readonly db: Database;
  readonly tenantId: string;
  readonly limit: number;
}): Promise<RecentRequest[]> {
  const { db, tenantId, limit } = input;
  const [{ rows }] = await withTenant(db, tenantId, (db) => [
    db.execute<RecentRequest>(sql`
      select id, environment_id as "environmentId", provider, model, task_type as "taskType",
        latency_ms::float8 as "latencyMs", input_token_count::float8 as "inputTokens",
        output_token_count::float8 as "outputTokens", trunc(cost_usd * 1e12)::text as "costPicoUsd", metadata
      from requests where tenant_id = ${tenantId} and status in ('completed', 'estimated') and error_code is null
      order by created_at desc, id desc limit ${limit}`),
  ]);
  return rows;
}

import { sql } from 'drizzle-orm';
import type { ChangeContext } from './change-configuration.ts';
import { recordChange } from './record-change.ts';

/** Writes the audit row of a purge: the answers themselves are not in Postgres. */
export async function recordCachePurge(by: ChangeContext): Promise<void> {
  await recordChange(by, {
    action: 'cache.purged',
    targetType: 'cache',
    steps: [
      ['refusal', sql`select null::text as reason`],
      ['changed', sql`select ${by.tenantId}::uuid as id, null::jsonb as before, null::jsonb as after`],
    ],
  });
}

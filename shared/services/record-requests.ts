import type { RequestRecorded } from '../contracts/queues.ts';
import type { Database } from '../db/client.ts';
import { lockLedger } from '../db/lock-ledger.ts';
import { withTenant } from '../db/with-tenant.ts';
import { recordStatement } from './record-statement.ts';
import { toRequestRow } from './request-row.ts';

/**
 * Writes outcomes of requests, and with each what follows from it: the usage and the outcomes of its hour and its day, its
 * posting in the ledger of money, and, for a correction, the event that tells what it corrected. Every event may arrive
 * any number of times, in any order and at once: each request has one row, at its highest revision, sums count exactly
 * what the rows say, and each revision is posted once. What was counted and has since been rolled off is not counted again,
 * and of an erased tenant nothing is written.
 * Rejects with the database's error, and has then written nothing.
 */
export async function recordRequests(input: {
  readonly db: Database;
  readonly tenantId: string;
  readonly events: readonly RequestRecorded[];
}): Promise<void> {
  const { db, tenantId, events } = input;
  if (events.length === 0) return;
  await withTenant(db, tenantId, (db) => [
    db.execute(lockLedger(tenantId)),
    db.execute(recordStatement(tenantId, newestRevisions(events).map(toRequestRow))),
  ]);
}

/** One statement may write a row only once. */
function newestRevisions(events: readonly RequestRecorded[]): RequestRecorded[] {
  const newest = new Map<string, RequestRecorded>();
  for (const event of events) {
    const known = newest.get(event.requestId);
    if (!known || known.revision < event.revision) newest.set(event.requestId, event);
  }
  return [...newest.values()];
}

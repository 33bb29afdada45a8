import { eq, type SQL, sql } from 'drizzle-orm';
import { uuidv7 } from 'uuidv7';
import type { Database } from '../db/client.ts';
import { databaseMessage } from '../db/database-message.ts';
import { isTransient } from '../db/is-transient.ts';
import { deadLetters } from '../db/schema/ledger.ts';
import { withTenant } from '../db/with-tenant.ts';
import { err, ok, type Result } from '../errors/result.ts';
import { endDeadLetter } from './end-dead-letter.ts';
import { getDeadLetter } from './get-dead-letter.ts';
import { readLedgerBatch } from './read-ledger-batch.ts';
import { recordLedgerEvents } from './record-ledger-events.ts';
import { isLeaving } from './takes-entries.ts';

/** Why a dead letter stays one: there is none of that id, it cannot be read, or the database refuses what it says. */
export interface ReplayRefusal {
  readonly reason: 'absent' | 'unreadable' | 'refused';
  readonly detail: string;
}

/**
 * Records what a dead letter carries, as the LEDGER consumer would have, and marks it as replayed, for its tenant too: it is
 * kept. The tenant's audit log tells of it, unless the tenant asked. Answers the number of events. Replaying again, or after
 * being killed anywhere, changes nothing more. Rejects while the database is away.
 */
export async function replayDeadLetter(input: {
  readonly db: Database;
  readonly id: string;
}): Promise<Result<number, ReplayRefusal>> {
  const { db, id } = input;
  const letter = await getDeadLetter({ db, id });
  if (!letter) return err({ reason: 'absent', detail: `there is no dead letter ${id}` });
  const reading = readLedgerBatch(letter.payload);
  if (!reading.ok) return err({ reason: 'unreadable', detail: reading.reason });
  const { batch, events } = reading;
  try {
    await recordLedgerEvents({ db, tenantId: batch.tenantId, events });
  } catch (error) {
    if (isTransient(error)) throw error;
    return err({ reason: 'refused', detail: databaseMessage(error) });
  }
  await withTenant(db, batch.tenantId, (db) => [
    db.execute(tellOfReplay(batch.tenantId, id)),
    db
      .update(deadLetters)
      .set({ replayedAt: sql`now()`, replayCount: sql`${deadLetters.replayCount} + 1` })
      .where(eq(deadLetters.id, id)),
    db.execute(endDeadLetter(batch.tenantId, { kind: 'message', subjectId: id })),
  ]);
  return ok(events.length);
}

/** The first time, and before it is marked. A replay that the tenant asked for has its entry already. */
function tellOfReplay(tenantId: string, id: string): SQL {
  return sql`
    insert into audit_logs (id, tenant_id, action, target_type, target_id, metadata)
    select ${uuidv7()}::uuid, letter.tenant_id, 'dead_letter.replayed', 'dead_letter', letter.id,
      jsonb_build_object('by', 'operator', 'kind', letter.kind, 'subjectId', letter.subject_id)
    from dead_letters as message join tenant_dead_letters as letter
      on letter.tenant_id = ${tenantId}::uuid and letter.kind = 'message' and letter.subject_id = message.id
    where message.id = ${id}::uuid and message.replayed_at is null and letter.status <> 'replaying'
      and not ${isLeaving(tenantId)}
    for update of message`;
}

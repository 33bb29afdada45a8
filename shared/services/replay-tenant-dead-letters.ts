import { sql } from 'drizzle-orm';
import * as z from 'zod';
import { DEAD_LETTER_KINDS } from '../contracts/dead-letters.ts';
import type { TaskChangeReply } from '../contracts/tasks.ts';
import type { Database } from '../db/client.ts';
import { withTenant } from '../db/with-tenant.ts';
import { err, ok, type Result } from '../errors/result.ts';
import { endDeadLetter } from './end-dead-letter.ts';
import { replayDeadLetter } from './replay-dead-letter.ts';

const PAGE_SIZE = 100;

export interface ReplayPorts {
  readonly db: Database;
  /** Has a task tried again, once by the same `retryId`. */
  retryTask(tenantId: string, taskId: string, retryId: string): Promise<TaskChangeReply>;
}

const letterRow = z.object({
  tenantId: z.uuid(),
  id: z.uuid(),
  kind: z.enum(DEAD_LETTER_KINDS),
  subjectId: z.uuid(),
});
export type ReplayedLetter = z.infer<typeof letterRow>;

/** Dead letters behind an id that tenants want to be done again: a page of them. Finds them as `eufm_ledger`. */
export async function listLettersToReplay(
  { db }: Pick<ReplayPorts, 'db'>,
  after: string | null,
): Promise<ReplayedLetter[]> {
  const { rows } = await db.execute(sql`
    select tenant_id as "tenantId", id, kind, subject_id as "subjectId" from tenant_dead_letters
    where status = 'replaying' and (${after}::uuid is null or id > ${after}::uuid) order by id limit ${PAGE_SIZE}`);
  return z.array(letterRow).parse(rows);
}

/**
 * Does what was given up again, as its kind is done, and writes that down; where that cannot be, the letter is open again
 * and says why. Doing it twice, or after being killed anywhere, changes nothing more. Rejects while Postgres, or the task's
 * runner, is away: then it is to be tried again.
 */
export async function replayTenantDeadLetter(
  ports: ReplayPorts,
  letter: ReplayedLetter,
): Promise<Result<null, string>> {
  const { db } = ports;
  const { tenantId, id, kind } = letter;
  const done = await REPLAYS[kind](ports, letter);
  await withTenant(db, tenantId, (db) => [
    db.execute(
      done.ok
        ? endDeadLetter(tenantId, { id })
        : sql`update tenant_dead_letters set status = 'open', replay_count = replay_count + 1, last_error = ${done.error}
            where tenant_id = ${tenantId}::uuid and id = ${id}::uuid and status = 'replaying'`,
    ),
  ]);
  return done;
}

type Replay = (ports: ReplayPorts, letter: ReplayedLetter) => Promise<Result<null, string>>;

const REPLAYS: Readonly<Record<ReplayedLetter['kind'], Replay>> = {
  async message({ db }, { subjectId }) {
    const replayed = await replayDeadLetter({ db, id: subjectId });
    if (replayed.ok) return ok(null);
    return err(
      replayed.error.reason === 'refused'
        ? 'The record refuses this message still.'
        : 'This message cannot be read: the operator has been told.',
    );
  },
  async task({ retryTask }, { tenantId, id, subjectId }) {
    const reply = await retryTask(tenantId, subjectId, id);
    if (reply.outcome === 'absent') return err('Its runner has forgotten the task: that is thirty days after its end.');
    const { status, lastRetryId } = reply.task.state;
    const isDone = reply.outcome === 'changed' || lastRetryId === id || status !== 'failed';
    return isDone ? ok(null) : err('The task’s last call still ends, or it was tried too often.');
  },
  async callback({ db }, { tenantId, subjectId }) {
    await withTenant(db, tenantId, (db) => [
      db.execute(sql`
        update webhook_deliveries set status = 'pending', attempt = 0, next_try_at = now()
        where tenant_id = ${tenantId}::uuid and id = ${subjectId}::uuid and status = 'failed'`),
    ]);
    return ok(null);
  },
};

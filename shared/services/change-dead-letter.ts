import { type SQL, sql } from 'drizzle-orm';
import type { DeadLetter } from '../contracts/http/dead-letters.ts';
import { err, ok, type Result } from '../errors/result.ts';
import type { ChangeContext, ChangeRefusal } from './change-configuration.ts';
import { getTenantDeadLetter } from './get-tenant-dead-letter.ts';
import { recordChange } from './record-change.ts';
import { DEAD_LETTER_FIELDS } from './tenant-dead-letter-fields.ts';

/** A way to be done with a dead letter: from which states to which, and which states have it behind them already. */
interface Change {
  readonly action: string;
  readonly from: SQL;
  readonly to: DeadLetter['status'];
  readonly done: readonly DeadLetter['status'][];
}

const CHANGES = {
  replay: {
    ...{ action: 'dead_letter.replayed', from: sql`'open'`, to: 'replaying', done: ['replaying', 'replayed'] },
  },
  drop: { ...{ action: 'dead_letter.dropped', from: sql`'open'`, to: 'dropped', done: ['dropped'] } },
} as const satisfies Record<string, Change>;

/**
 * Has a dead letter done again, which the ledger does within a minute, or drops it: then it stays as it is, to be read. With
 * its audit row; what was asked for before changes nothing and is no error.
 */
export async function changeDeadLetter(
  by: ChangeContext,
  id: string,
  change: keyof typeof CHANGES,
): Promise<Result<DeadLetter, ChangeRefusal>> {
  const { tenantId } = by;
  const { action, from, to, done }: Change = CHANGES[change];
  const isRow = sql`tenant_id = ${tenantId}::uuid and id = ${id}::uuid`;
  await recordChange(by, {
    ...{ action, targetType: 'dead_letter' },
    steps: [
      ['before', sql`select ${DEAD_LETTER_FIELDS} as fields from tenant_dead_letters where ${isRow}`],
      ['refusal', sql`select null::text as reason`],
      [
        'changed',
        sql`update tenant_dead_letters set status = ${to}, changed_at = now() where ${isRow} and status = ${from}
          returning id, (select fields from before) as before, ${DEAD_LETTER_FIELDS} as after`,
      ],
    ],
  });
  const letter = await getTenantDeadLetter({ db: by.db, tenantId, id });
  if (!letter) return err({ reason: 'not_found' });
  if (letter.status === to || done.includes(letter.status)) return ok(letter);
  return err({ reason: 'blocked', detail: `The dead letter is ${letter.status} already.` });
}

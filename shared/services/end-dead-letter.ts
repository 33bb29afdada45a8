import { type SQL, sql } from 'drizzle-orm';
import type { DeadLetterKind } from '../contracts/dead-letters.ts';

/** Which of a tenant's dead letters: that of an id, or those about something. */
export type WhichDeadLetter = { readonly id: string } | { readonly kind: DeadLetterKind; readonly subjectId: string };

/** The statement that writes down that what was given up was done after all. What was dropped stays so. */
export function endDeadLetter(tenantId: string, which: WhichDeadLetter): SQL {
  const isIt =
    'id' in which ? sql`id = ${which.id}::uuid` : sql`kind = ${which.kind} and subject_id = ${which.subjectId}::uuid`;
  return sql`
    update tenant_dead_letters
    set status = 'replayed', changed_at = now(), replay_count = replay_count + 1, last_error = null
    where tenant_id = ${tenantId}::uuid and ${isIt} and status = any('{open,replaying}')`;
}

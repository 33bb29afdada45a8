import { type SQL, sql } from 'drizzle-orm';
import type { DeadLetterKind } from '../contracts/dead-letters.ts';

/** What a tenant's dead letter is about. */
export interface DeadLetterSubject {
  readonly kind: DeadLetterKind;
  readonly subjectId: string;
}

/** The statement that writes down that what was given up was done after all. What was dropped stays so. */
export function endDeadLetter(tenantId: string, { kind, subjectId }: DeadLetterSubject): SQL {
  return sql`
    update tenant_dead_letters
    set status = 'replayed', changed_at = now(), replay_count = replay_count + 1, last_error = null
    where tenant_id = ${tenantId}::uuid and kind = ${kind} and subject_id = ${subjectId}::uuid and status = any('{open,replaying}')`;
}

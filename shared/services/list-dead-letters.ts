import { and, desc, eq, isNull } from 'drizzle-orm';
import type { Database } from '../db/client.ts';
import { deadLetters } from '../db/schema/ledger.ts';

/** A dead letter without what it carries. `subjectTenant` is what it claims. */
export interface DeadLetterSummary {
  readonly id: string;
  readonly queue: string;
  readonly subjectTenant: string | null;
  readonly error: string;
  readonly createdAt: Date;
  readonly replayedAt: Date | null;
  readonly replayCount: number;
}

export interface DeadLetterFilter {
  readonly queue?: string;
  readonly tenantId?: string;
  /** Leaves out those that a replay has recorded. */
  readonly isOpen?: boolean;
}

/** Dead letters, newest first. For an operator: they are the platform's, and no tenant's right to see them is checked. */
export async function listDeadLetters(input: {
  readonly db: Database;
  readonly filter: DeadLetterFilter;
  readonly limit: number;
}): Promise<DeadLetterSummary[]> {
  const { db, filter, limit } = input;
  const { id, queue, subjectTenant, error, createdAt, replayedAt, replayCount } = deadLetters;
  return db
    .select({ id, queue, subjectTenant, error, createdAt, replayedAt, replayCount })
    .from(deadLetters)
    .where(
      and(
        filter.queue === undefined ? undefined : eq(queue, filter.queue),
        filter.tenantId === undefined ? undefined : eq(subjectTenant, filter.tenantId),
        filter.isOpen ? isNull(replayedAt) : undefined,
      ),
    )
    .orderBy(desc(createdAt), desc(id))
    .limit(limit);
}

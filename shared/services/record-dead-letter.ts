import { sql } from 'drizzle-orm';
import type { Database } from '../db/client.ts';
import { deadLetters } from '../db/schema/ledger.ts';
import { toJsonb } from '../db/to-jsonb.ts';

/** Keeps a queue message that could not be processed. Recording the same message again changes nothing. */
export async function recordDeadLetter(input: {
  readonly db: Database;
  /** The tenant that the message names, if it can be read; not checked. */
  readonly tenantId: string | null;
  readonly queue: string;
  readonly messageId: string;
  readonly payload: unknown;
  readonly error: string;
}): Promise<void> {
  const { db, tenantId, queue, messageId, payload, error } = input;
  await db
    .insert(deadLetters)
    .values({ queue, messageId, subjectTenant: tenantId, payload: sql`${toJsonb(payload)}::jsonb`, error })
    .onConflictDoNothing();
}

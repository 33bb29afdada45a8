import { eq } from 'drizzle-orm';
import type { Database } from '../db/client.ts';
import { deadLetters } from '../db/schema/ledger.ts';

export type DeadLetter = typeof deadLetters.$inferSelect;

/** One dead letter with the message that it keeps; null when there is none. `id` is a UUID. For an operator. */
export async function getDeadLetter(input: { readonly db: Database; readonly id: string }): Promise<DeadLetter | null> {
  const { db, id } = input;
  const [letter = null] = await db.select().from(deadLetters).where(eq(deadLetters.id, id));
  return letter;
}

import type { FinishReason } from '../contract.ts';

/** Looks up a vendor's word: `unknown` when it said nothing, `other` when the table does not have it. */
export function unifyFinishReason(
  table: Readonly<Record<string, FinishReason>>,
  raw: string | null | undefined,
): FinishReason {
  if (raw == null) return 'unknown';
  return (Object.hasOwn(table, raw) ? table[raw] : undefined) ?? 'other';
}

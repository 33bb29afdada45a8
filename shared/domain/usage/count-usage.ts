import type { Usage } from '../../contracts/usage.ts';

/** About what tokenizers make of text in European languages, for usage that no vendor has told. */
const CHARACTERS_PER_TOKEN = 4;

/**
 * Usage of an answer that broke off, counted where the vendor had not told it yet. What the vendor told stands, except
 * that its count of the output may lag behind what was written.
 */
export function countUsage(
  told: Usage | undefined,
  seen: { readonly inputLength: number; readonly writtenLength: number },
): Usage {
  const written = Math.ceil(seen.writtenLength / CHARACTERS_PER_TOKEN);
  return {
    ...told,
    inputTokens: told?.inputTokens ?? Math.ceil(seen.inputLength / CHARACTERS_PER_TOKEN),
    outputTokens: Math.max(told?.outputTokens ?? 0, written),
  };
}

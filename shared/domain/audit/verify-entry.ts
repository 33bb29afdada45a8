import { canonicalJson } from './canonical-json.ts';
import type { EntryProof } from './log-lines.ts';
import { hashLeaf, type Sha256 } from './merkle-tree.ts';
import { toBase64 } from './signed-note.ts';

/** What is wrong with an entry by itself, or null: its text has to be canonical and have the hash that stands by it. */
export function entryProblem(sha256: Sha256, { hash, entry }: Pick<EntryProof, 'hash' | 'entry'>): string | null {
  const bytes = new TextEncoder().encode(entry);
  if (toBase64(hashLeaf(sha256, bytes)) !== hash) return 'the entry does not have the hash that stands by it';
  return isCanonical(entry) ? null : 'the entry is not canonical JSON';
}

function isCanonical(text: string): boolean {
  try {
    return canonicalJson(JSON.parse(text)) === text;
  } catch {
    return false;
  }
}

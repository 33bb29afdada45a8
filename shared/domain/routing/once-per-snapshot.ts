import type { TenantSnapshot } from '../../contracts/tenant-snapshot.ts';

/** Words come from requests, and some are made up: beyond so many of one snapshot, all of them are forgotten. */
const MOST_WORDS = 500;

/** What follows from a snapshot and a word alone: reckoned once for both, and forgotten with the snapshot. */
export function oncePerSnapshot<T extends object | null>(
  reckon: (snapshot: TenantSnapshot, word: string) => T,
): (snapshot: TenantSnapshot, word: string) => T {
  const known = new WeakMap<TenantSnapshot, Map<string, T>>();
  return (snapshot, word) => {
    const words = known.get(snapshot) ?? new Map<string, T>();
    const found = words.get(word);
    if (found !== undefined) return found;
    if (words.size >= MOST_WORDS) words.clear();
    const reckoned = reckon(snapshot, word);
    known.set(snapshot, words.set(word, reckoned));
    return reckoned;
  };
}

import { hashChildren, isSameHash, type Sha256 } from './merkle-tree.ts';

/** A tree by its size and its root. */
export interface TreeHead {
  readonly size: number;
  readonly root: Uint8Array;
}

/** If a tree has a leaf under a sequence number (RFC 9162, section 2.1.3.2). */
export function isIncluded(
  sha256: Sha256,
  { size, root }: TreeHead,
  leaf: { readonly sequence: number; readonly hash: Uint8Array },
  proof: readonly Uint8Array[],
): boolean {
  if (leaf.sequence >= size) return false;
  let [place, last, hash] = [leaf.sequence, size - 1, leaf.hash];
  for (const sibling of proof) {
    if (last === 0) return false;
    if (place % 2 === 1 || place === last) {
      hash = hashChildren(sha256, sibling, hash);
      while (place % 2 === 0 && place !== 0) [place, last] = [half(place), half(last)];
    } else {
      hash = hashChildren(sha256, hash, sibling);
    }
    [place, last] = [half(place), half(last)];
  }
  return last === 0 && isSameHash(hash, root);
}

/** If the newer tree begins with all that the older one has (RFC 9162, section 2.1.4.2). */
export function isConsistent(sha256: Sha256, older: TreeHead, newer: TreeHead, proof: readonly Uint8Array[]): boolean {
  if (older.size === newer.size) return proof.length === 0 && isSameHash(older.root, newer.root);
  if (older.size === 0 || older.size > newer.size) return false;
  const isComplete = Number.isInteger(Math.log2(older.size));
  const [first, ...rest] = isComplete ? [older.root, ...proof] : proof;
  if (!first) return false;
  let [place, last] = [older.size - 1, newer.size - 1];
  while (place % 2 === 1) [place, last] = [half(place), half(last)];
  let [oldHash, newHash] = [first, first];
  for (const sibling of rest) {
    if (last === 0) return false;
    if (place % 2 === 1 || place === last) {
      oldHash = hashChildren(sha256, sibling, oldHash);
      newHash = hashChildren(sha256, sibling, newHash);
      while (place % 2 === 0 && place !== 0) [place, last] = [half(place), half(last)];
    } else {
      newHash = hashChildren(sha256, newHash, sibling);
    }
    [place, last] = [half(place), half(last)];
  }
  return last === 0 && isSameHash(oldHash, older.root) && isSameHash(newHash, newer.root);
}

/** Of numbers beyond 2^32, too, which `>>` would cut. */
function half(value: number): number {
  return Math.floor(value / 2);
}

/** SHA-256, given by whoever calls: the domain has no package. */
export type Sha256 = (bytes: Uint8Array) => Uint8Array;

/** Leaves from `from` up to, but without, `to`. */
export type Span = readonly [from: number, to: number];

/** A complete subtree: the `position`-th of 2^`level` leaves, counted from 0. */
export interface Node {
  readonly level: number;
  readonly position: number;
}

/** The hash of a leaf (RFC 6962, section 2.1): its bytes behind a zero. */
export function hashLeaf(sha256: Sha256, entry: Uint8Array): Uint8Array {
  const prefixed = new Uint8Array(1 + entry.length);
  prefixed.set(entry, 1);
  return sha256(prefixed);
}

/** The hash of a node above two others: theirs behind a one. */
export function hashChildren(sha256: Sha256, left: Uint8Array, right: Uint8Array): Uint8Array {
  const prefixed = new Uint8Array(1 + left.length + right.length);
  prefixed[0] = 1;
  prefixed.set(left, 1);
  prefixed.set(right, 1 + left.length);
  return sha256(prefixed);
}

/** The largest power of two that is smaller than `count`, which is 2 or more. */
export function splitOf(count: number): number {
  let split = 1;
  while (split * 2 < count) split *= 2;
  return split;
}

/**
 * The complete subtrees that make up a span, from the left. The span has to be one that RFC 6962 hashes: it begins at a
 * multiple of the least power of two that is not smaller than its length.
 */
export function nodesOf([from, to]: Span): Node[] {
  const nodes: Node[] = [];
  for (let start = from; start < to; ) {
    let level = 0;
    let length = 1;
    while (length * 2 <= to - start) {
      length *= 2;
      level++;
    }
    nodes.push({ level, position: start / length });
    start += length;
  }
  return nodes;
}

/** The hash over the subtrees of one span, from the left. Without any it is that of an empty tree. */
export function joinHashes(sha256: Sha256, hashes: readonly Uint8Array[]): Uint8Array {
  const last = hashes.at(-1);
  if (!last) return sha256(new Uint8Array());
  return hashes.slice(0, -1).reduceRight((right, left) => hashChildren(sha256, left, right), last);
}

/** If two hashes are the same. Hashes are no secrets. */
export function isSameHash(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, at) => byte === other[at]);
}

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sha256 } from '../../crypto/sha256.ts';
import { GrowingTree } from './growing-tree.ts';
import { hashChildren, hashLeaf, joinHashes, nodesOf, type Sha256, type Span } from './merkle-tree.ts';
import { consistencySpans, inclusionSpans } from './proof-spans.ts';
import { isConsistent, isIncluded } from './verify-proofs.ts';

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
const bytes = (text: string) => new Uint8Array(Buffer.from(text, 'hex'));

/** Leaves of the test vectors of Certificate Transparency's reference implementation, and the root of each number of them. */
const LEAVES = ['', '00', '10', '2021', '3031', '40414243', '5051525354555657', '606162636465666768696a6b6c6d6e6f'];
const ROOTS = [
  'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
  'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
  'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
  'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
  '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
  '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
  'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
  '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
];

const grow = (hash: Sha256, leaves: readonly Uint8Array[]) => {
  const tree = new GrowingTree(hash);
  for (const leaf of leaves) tree.append(hashLeaf(hash, leaf));
  return tree;
};

describe('U4: roots of the vectors of RFC 6962', () => {
  it.each(ROOTS.map((root, size) => ({ size, root })))('of $size leaves', ({ size, root }) => {
    expect(hex(grow(sha256, LEAVES.slice(0, size).map(bytes)).root)).toBe(root);
  });

  it('control: without the prefix that tells leaves from nodes no root but the empty one comes out', () => {
    const unprefixed: Sha256 = (message) => sha256(message.subarray(1));
    const roots = ROOTS.map((_, size) => hex(grow(unprefixed, LEAVES.slice(0, size).map(bytes)).root));
    expect(roots.filter((root, size) => root === ROOTS[size])).toEqual([ROOTS[0]]);
  });
});

/** The definitions of RFC 6962, section 2.1, as they stand there. */
function mth(leaves: readonly Uint8Array[]): Uint8Array {
  if (leaves.length === 0) return sha256(new Uint8Array());
  const [only] = leaves;
  if (leaves.length === 1 && only) return hashLeaf(sha256, only);
  const k = 2 ** Math.ceil(Math.log2(leaves.length) - 1);
  return hashChildren(sha256, mth(leaves.slice(0, k)), mth(leaves.slice(k)));
}
function path(m: number, leaves: readonly Uint8Array[]): Uint8Array[] {
  if (leaves.length === 1) return [];
  const k = 2 ** Math.ceil(Math.log2(leaves.length) - 1);
  return m < k
    ? [...path(m, leaves.slice(0, k)), mth(leaves.slice(k))]
    : [...path(m - k, leaves.slice(k)), mth(leaves.slice(0, k))];
}
function subproof(m: number, leaves: readonly Uint8Array[], isWhole: boolean): Uint8Array[] {
  if (m === leaves.length) return isWhole ? [] : [mth(leaves)];
  const k = 2 ** Math.ceil(Math.log2(leaves.length) - 1);
  return m <= k
    ? [...subproof(m, leaves.slice(0, k), isWhole), mth(leaves.slice(k))]
    : [...subproof(m - k, leaves.slice(k), false), mth(leaves.slice(0, k))];
}

const leavesOf = (size: number) => Array.from({ length: size }, (_, at) => new TextEncoder().encode(`entry ${at}`));
const MOST = 70;

/** The nodes of a tree as a store has them, and the hash of a span by them. */
function stored(leaves: readonly Uint8Array[]) {
  const tree = new GrowingTree(sha256);
  const nodes = leaves.flatMap((leaf) => tree.append(hashLeaf(sha256, leaf)));
  const byName = new Map(nodes.map(({ level, position, hash }) => [`${level}/${position}`, hash]));
  const hashOf = (span: Span) =>
    joinHashes(
      sha256,
      nodesOf(span).map(({ level, position }) => byName.get(`${level}/${position}`) ?? new Uint8Array()),
    );
  return { root: tree.root, nodes, hashOf };
}

describe('a tree', () => {
  it('is the one of the definition, of any size, and goes on from its edge', () => {
    for (let size = 0; size <= MOST; size++) {
      const leaves = leavesOf(size);
      const { root, hashOf } = stored(leaves);
      expect(hex(root)).toBe(hex(mth(leaves)));
      const edge = nodesOf([0, size]).map(({ level, position }) =>
        hashOf([position * 2 ** level, (position + 1) * 2 ** level]),
      );
      const next = new GrowingTree(sha256, size, edge);
      next.append(hashLeaf(sha256, new TextEncoder().encode(`entry ${size}`)));
      expect(hex(next.root)).toBe(hex(mth(leavesOf(size + 1))));
    }
  });

  it('refuses an edge of another size', () => {
    expect(() => new GrowingTree(sha256, 3, [])).toThrow('the edge of 3 leaves has 2 hashes');
  });

  it('has as many nodes as complete subtrees, and never one twice', () => {
    const { nodes } = stored(leavesOf(64));
    expect(nodes).toHaveLength(127);
    expect(new Set(nodes.map(({ level, position }) => `${level}/${position}`)).size).toBe(127);
  });

  it('counts beyond what 32 bits hold', () => {
    expect(nodesOf([0, 2 ** 40 + 1])).toEqual([
      { level: 40, position: 0 },
      { level: 0, position: 2 ** 40 },
    ]);
    expect(inclusionSpans(2 ** 40, 2 ** 40 + 1)).toEqual([[0, 2 ** 40]]);
  });
});

describe('proofs', () => {
  it('are those of the definition, for every leaf and every older tree', () => {
    for (let size = 1; size <= MOST; size++) {
      const leaves = leavesOf(size);
      const { hashOf } = stored(leaves);
      for (let place = 0; place < size; place++) {
        expect(inclusionSpans(place, size).map(hashOf).map(hex)).toEqual(path(place, leaves).map(hex));
        const older = consistencySpans(place + 1, size)
          .map(hashOf)
          .map(hex);
        expect(older).toEqual(subproof(place + 1, leaves, true).map(hex));
      }
    }
  });

  it('are accepted as they are, and refused with any bit changed, of another leaf, size or tree', () => {
    fc.assert(
      fc.property(
        fc
          .integer({ min: 2, max: MOST })
          .chain((size) => fc.tuple(fc.constant(size), fc.nat(size - 1), fc.nat(size - 2), fc.nat(), fc.nat(255))),
        ([size, sequence, before, which, bit]) => {
          const { root, hashOf } = stored(leavesOf(size));
          const old = before + 1;
          const older = { size: old, root: stored(leavesOf(old)).root };
          const head = { size, root };
          const leaf = { sequence, hash: hashLeaf(sha256, new TextEncoder().encode(`entry ${sequence}`)) };
          const inclusion = inclusionSpans(sequence, size).map(hashOf);
          const consistency = consistencySpans(old, size).map(hashOf);
          expect(isIncluded(sha256, head, leaf, inclusion)).toBe(true);
          expect(isConsistent(sha256, older, head, consistency)).toBe(true);
          const flipped = (hashes: readonly Uint8Array[]) =>
            hashes.map((hash, at) => (at === which % hashes.length ? flip(hash, bit) : hash));
          expect(isIncluded(sha256, head, leaf, flipped(inclusion))).toBe(false);
          expect(isIncluded(sha256, head, { ...leaf, hash: flip(leaf.hash, bit) }, inclusion)).toBe(false);
          expect(isIncluded(sha256, head, leaf, inclusion.slice(1))).toBe(false);
          expect(isIncluded(sha256, head, { ...leaf, sequence: (sequence + 1) % size }, inclusion)).toBe(false);
          expect(isIncluded(sha256, { size, root: flip(root, bit) }, leaf, inclusion)).toBe(false);
          expect(isConsistent(sha256, older, head, flipped(consistency))).toBe(false);
          expect(isConsistent(sha256, { ...older, root: flip(older.root, bit) }, head, consistency)).toBe(false);
          expect(isConsistent(sha256, older, { size, root: flip(root, bit) }, consistency)).toBe(false);
          expect(isConsistent(sha256, head, older, consistency)).toBe(false);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('of a tree with itself are empty', () => {
    const head = { size: 3, root: stored(leavesOf(3)).root };
    expect(isConsistent(sha256, head, head, [])).toBe(true);
    expect(isConsistent(sha256, head, { ...head, root: flip(head.root, 0) }, [])).toBe(false);
    expect(isConsistent(sha256, head, head, [head.root])).toBe(false);
  });
});

function flip(hash: Uint8Array, bit: number): Uint8Array {
  const changed = Uint8Array.from(hash);
  const at = Math.floor(bit / 8) % changed.length;
  changed[at] = (changed[at] ?? 0) ^ (1 << (bit % 8));
  return changed;
}

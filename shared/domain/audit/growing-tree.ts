import { hashChildren, joinHashes, type Node, type Sha256 } from './merkle-tree.ts';

/** A node that became complete, with its hash. */
export interface HashedNode extends Node {
  readonly hash: Uint8Array;
}

/**
 * A Merkle tree (RFC 6962) that leaves are added to, of which only the complete subtrees at its right edge are kept: as many
 * hashes as its size has ones in binary.
 */
export class GrowingTree {
  readonly #sha256: Sha256;
  readonly #edge: Uint8Array[];
  #size: number;

  /** `edge`: the hashes of `nodesOf([0, size])`. Throws when there are not as many. */
  constructor(sha256: Sha256, size = 0, edge: readonly Uint8Array[] = []) {
    if (edge.length !== onesIn(size)) throw new Error(`the edge of ${size} leaves has ${onesIn(size)} hashes`);
    this.#sha256 = sha256;
    this.#size = size;
    this.#edge = [...edge];
  }

  get size(): number {
    return this.#size;
  }

  get root(): Uint8Array {
    return joinHashes(this.#sha256, this.#edge);
  }

  /** Adds a leaf by its hash; answers the nodes that are complete now, the leaf itself first. */
  append(leafHash: Uint8Array): HashedNode[] {
    const nodes: HashedNode[] = [{ level: 0, position: this.#size, hash: leafHash }];
    let hash = leafHash;
    let position = this.#size;
    for (let level = 1; position % 2 === 1; level++) {
      const left = this.#edge.pop();
      if (!left) throw new Error('a tree without its left half');
      hash = hashChildren(this.#sha256, left, hash);
      position = (position - 1) / 2;
      nodes.push({ level, position, hash });
    }
    this.#edge.push(hash);
    this.#size++;
    return nodes;
  }
}

function onesIn(size: number): number {
  return [...size.toString(2)].filter((digit) => digit === '1').length;
}

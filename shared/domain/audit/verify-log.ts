import { type Judge, openCheckpoint } from './checkpoint.ts';
import { GrowingTree } from './growing-tree.ts';
import type { EntryProof, LogLine } from './log-lines.ts';
import { isSameHash } from './merkle-tree.ts';
import { fromBase64 } from './signed-note.ts';
import { entryProblem } from './verify-entry.ts';
import { isIncluded } from './verify-proofs.ts';

/** By what a log is judged. */
export interface LogJudge extends Judge {
  /** Notes that were kept elsewhere: each must be of this very log. */
  readonly kept?: readonly string[];
}

/** What is wrong, and from which entry on; null where that is not about one. */
export interface LogProblem {
  readonly seq: number | null;
  readonly problem: string;
}

/** What a log was found to be. */
export interface VerifiedLog {
  readonly origin: string;
  /** Sequence numbers from `first` up to, but without, `size` are proved. */
  readonly first: number;
  readonly size: number;
  readonly checkpoints: number;
  /** How many of the notes that were kept elsewhere were compared; older ones than `first` cannot be. */
  readonly compared: number;
}

type Line<Kind extends LogLine['kind']> = Extract<LogLine, { readonly kind: Kind }>;

/**
 * Verifies an exported log line by line, offline: that each entry's text is canonical and has the hash that stands by it, that
 * sequence numbers have no gap, and that every checkpoint is signed and is of the entries before it. It keeps as many hashes as
 * the log's size has binary digits. Throws nothing: what is wrong is the first problem.
 *
 * It does not prove that the log is the one that others were shown, which only a checkpoint that was kept elsewhere does, nor
 * that what is recorded did happen, or that all that happened was recorded.
 */
export class LogVerifier {
  readonly #judge: LogJudge;
  #log: Line<'log'> | null = null;
  #tree: GrowingTree;
  #covered = 0;
  #checkpoints = 0;
  #problem: LogProblem | null = null;
  /** Roots that notes kept elsewhere say, by size; what was compared leaves. */
  readonly #kept = new Map<number, Uint8Array[]>();
  #compared = 0;
  /** So many entries are those of a note that was kept elsewhere. */
  #agreed = 0;

  constructor(judge: LogJudge) {
    this.#judge = judge;
    this.#tree = new GrowingTree(judge.sha256);
  }

  /** The sequence number that comes next; null before the log has begun. */
  get next(): number | null {
    return this.#log && this.#tree.size;
  }

  /** Takes the next line, parsed. Answers the problem that it is the first to show, or null. */
  take(line: LogLine): LogProblem | null {
    if (this.#problem) return null;
    this.#problem = this.#read(line);
    return this.#problem;
  }

  /** What the lines came to; they have to have ended with a checkpoint. */
  end(): LogProblem | VerifiedLog {
    if (this.#problem) return this.#problem;
    if (!this.#log) return { seq: null, problem: 'the file has no log' };
    if (this.#checkpoints === 0)
      return { seq: null, problem: 'the log has no checkpoint yet: one comes within ten minutes of its first entry' };
    const { size } = this.#tree;
    if (this.#covered !== size)
      return { seq: this.#covered, problem: 'no checkpoint covers this entry and later ones' };
    const [beyond] = [...this.#kept.keys()].filter((kept) => kept > size);
    if (beyond !== undefined) return { seq: size, problem: `the checkpoint that was kept covers ${beyond} entries` };
    const { origin, first } = this.#log;
    return { origin, first, size, checkpoints: this.#checkpoints, compared: this.#compared };
  }

  #read(line: LogLine): LogProblem | null {
    if (line.kind === 'error') return { seq: this.#tree.size, problem: `the export broke off: ${line.detail}` };
    if (line.kind === 'log') return this.#log ? problemAt(null, 'a second log begins') : this.#begin(line);
    if (!this.#log) return problemAt(null, 'the file does not begin with its log');
    return line.kind === 'entry' ? this.#add(line) : this.#compare(this.#log, line);
  }

  #begin(log: Line<'log'>): LogProblem | null {
    const edge = log.edge.map(fromBase64);
    if (edge.includes(null)) return problemAt(null, 'the edge of what was rolled off is no hash');
    try {
      this.#tree = new GrowingTree(this.#judge.sha256, log.first, hashesIn(edge));
    } catch (error) {
      return problemAt(null, (error as Error).message);
    }
    this.#log = log;
    this.#covered = log.first;
    this.#agreed = log.first;
    for (const note of this.#judge.kept ?? []) {
      const head = openCheckpoint(this.#judge, log.origin, note);
      if (!head) return problemAt(null, 'a checkpoint that was kept is not signed by this key for this log');
      if (head.size > 0 && head.size >= log.first)
        this.#kept.set(head.size, [...(this.#kept.get(head.size) ?? []), head.root]);
    }
    return this.#compareKept();
  }

  #add({ seq, hash, entry }: Line<'entry'>): LogProblem | null {
    const expected = this.#tree.size;
    if (seq !== expected) return problemAt(expected, `the file goes on with entry ${seq}`);
    const problem = entryProblem(this.#judge.sha256, { hash, entry });
    if (problem) return problemAt(seq, problem);
    this.#tree.append(fromBase64(hash) ?? new Uint8Array());
    return this.#compareKept();
  }

  #compare({ origin }: Line<'log'>, { note }: Line<'checkpoint'>): LogProblem | null {
    const head = openCheckpoint(this.#judge, origin, note);
    const [from, { size, root }] = [this.#covered, this.#tree];
    if (!head) return problemAt(from, 'the checkpoint from here on is not signed by this key for this log');
    if (head.size !== size) {
      return problemAt(
        Math.min(size, head.size),
        `a checkpoint covers ${head.size} entries, and ${size} are before it`,
      );
    }
    if (!isSameHash(head.root, root)) {
      return problemAt(from, `an entry from here up to ${size - 1} is not the one that was signed`);
    }
    this.#covered = size;
    this.#checkpoints++;
    return null;
  }

  /** Holds the tree as it is now against notes of its size that were kept elsewhere. */
  #compareKept(): LogProblem | null {
    const { size } = this.#tree;
    const roots = this.#kept.get(size);
    if (!roots) return null;
    this.#kept.delete(size);
    this.#compared += roots.length;
    const { root } = this.#tree;
    if (!roots.every((kept) => isSameHash(kept, root))) {
      return problemAt(this.#agreed, `entries up to ${size - 1} are not those of the checkpoint that was kept`);
    }
    this.#agreed = size;
    return null;
  }
}

/** Verifies one entry's proof, offline. Null: the entry is the one that the checkpoint covers. */
export function verifyEntryProof(judge: Judge, proof: EntryProof): LogProblem | null {
  const { sha256 } = judge;
  const { origin, seq, hash, note } = proof;
  const head = openCheckpoint(judge, origin, note);
  if (!head) return problemAt(seq, 'the checkpoint is not signed by this key for this log');
  const problem = entryProblem(sha256, proof);
  if (problem) return problemAt(seq, problem);
  const path = proof.proof.map(fromBase64);
  const leaf = { sequence: seq, hash: fromBase64(hash) ?? new Uint8Array() };
  const isProved = !path.includes(null) && isIncluded(sha256, head, leaf, hashesIn(path));
  return isProved ? null : problemAt(seq, 'the checkpoint does not cover this entry');
}

function hashesIn(hashes: readonly (Uint8Array | null)[]): Uint8Array[] {
  return hashes.flatMap((hash) => (hash === null ? [] : [hash]));
}

function problemAt(seq: number | null, problem: string): LogProblem {
  return { seq, problem };
}

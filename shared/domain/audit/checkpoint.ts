import type { Sha256 } from './merkle-tree.ts';
import { fromBase64, openNote, toBase64, type VerifyEd25519 } from './signed-note.ts';
import type { TreeHead } from './verify-proofs.ts';

const HASH_LENGTH = 32;
const CHECKPOINT = /^([^\n]+)\n(0|[1-9][0-9]{0,15})\n([^\n]+)\n$/;

/** By what checkpoints are judged: any of the keys may have signed one. */
export interface Judge {
  readonly sha256: Sha256;
  readonly verify: VerifyEd25519;
  readonly publicKeys: readonly Uint8Array[];
}

/** The checkpoint of a log that a note has, signed by a key of the log's name; null when it is not that. */
export function openCheckpoint({ sha256, verify, publicKeys }: Judge, origin: string, note: string): TreeHead | null {
  const texts = publicKeys.map((publicKey) => openNote(sha256, { name: origin, publicKey }, note, verify));
  const text = texts.find((opened) => opened !== null);
  return text === undefined || text === null ? null : readCheckpoint(origin, text);
}

/** What a tenant's log is called in its checkpoints, and its key in signatures. Whoever signs for another tenant signs another name. */
export function logOrigin(region: string, tenantId: string): string {
  return `eufm.audit/${region}/${tenantId}`;
}

/** A tree's size and root as the text of a checkpoint (https://c2sp.org/tlog-checkpoint). */
export function writeCheckpoint(origin: string, { size, root }: TreeHead): string {
  return `${origin}\n${size}\n${toBase64(root)}\n`;
}

/** Reads a checkpoint's text; null when it is none, or of another log. Lines of extensions are not taken. */
export function readCheckpoint(origin: string, text: string): TreeHead | null {
  const [, of, digits, hash = ''] = CHECKPOINT.exec(text) ?? [];
  const size = Number(digits);
  const root = fromBase64(hash);
  if (of !== origin || root?.length !== HASH_LENGTH || !Number.isSafeInteger(size)) return null;
  return { size, root };
}

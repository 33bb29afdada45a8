import { createPrivateKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { verifyEd25519 } from '../../shared/crypto/ed25519.ts';
import { sha256 } from '../../shared/crypto/sha256.ts';
import { canonicalJson } from '../../shared/domain/audit/canonical-json.ts';
import { logOrigin, writeCheckpoint } from '../../shared/domain/audit/checkpoint.ts';
import { GrowingTree } from '../../shared/domain/audit/growing-tree.ts';
import type { LogLine } from '../../shared/domain/audit/log-lines.ts';
import { hashLeaf } from '../../shared/domain/audit/merkle-tree.ts';
import { signNote, toBase64 } from '../../shared/domain/audit/signed-note.ts';
import { type LogJudge, type LogProblem, LogVerifier, type VerifiedLog } from '../../shared/domain/audit/verify-log.ts';

export const ORIGIN = logOrigin('eu', '00000000-0000-4000-8000-0000000000a1');

/** A key that signs, and how a log is judged by it. */
export interface LogKey {
  readonly judge: LogJudge;
  readonly publicKey: Uint8Array;
  readonly privateKey: KeyObject;
}

export function makeLogKey(): LogKey {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const raw = new Uint8Array(Buffer.from(publicKey.export({ format: 'jwk' }).x ?? '', 'base64url'));
  return {
    judge: { sha256, verify: verifyEd25519, publicKeys: [raw] },
    publicKey: raw,
    privateKey: createPrivateKey(privateKey.export({ type: 'pkcs8', format: 'pem' })),
  };
}

/** An entry's text, as the database writes one. */
export function entryText(at: number, action = 'budget.updated'): string {
  const id = `00000000-0000-4000-8000-${String(at).padStart(12, '0')}`;
  return canonicalJson({
    ...{ version: 1, id, tenantId: '00000000-0000-4000-8000-0000000000a1', action, targetType: 'budget', targetId: id },
    ...{ actorUserId: null, actorApiKeyId: id, ip: '2001:db8::1', userAgent: 'Prüfung/1.0 "€"' },
    metadata: { requestId: id, before: { amountUsd: `${at}` }, after: { amountUsd: `${at + 1}` } },
    createdAt: new Date(Date.UTC(2026, 0, 1) + at * 1_000).toISOString().replace('.000Z', '.123Z'),
  });
}

/** Signs what a tree has come to. */
export function noteOf({ publicKey, privateKey }: LogKey, tree: GrowingTree): Promise<string> {
  const text = writeCheckpoint(ORIGIN, { size: tree.size, root: tree.root });
  const key = { name: ORIGIN, publicKey };
  return signNote(sha256, key, text, async (message) => sign(null, message, privateKey));
}

/** A log of these entries as it is exported, with a checkpoint behind every `span` of them and behind the last. */
export async function exportedLog(key: LogKey, entries: readonly string[], span: number): Promise<LogLine[]> {
  const tree = new GrowingTree(sha256);
  const lines: LogLine[] = [{ kind: 'log', version: 1, origin: ORIGIN, first: 0, edge: [] }];
  for (const [seq, entry] of entries.entries()) {
    const hash = hashLeaf(sha256, new TextEncoder().encode(entry));
    tree.append(hash);
    lines.push({ kind: 'entry', seq, hash: toBase64(hash), entry });
    const isLast = seq === entries.length - 1;
    if (isLast || tree.size % span === 0) lines.push({ kind: 'checkpoint', note: await noteOf(key, tree) });
  }
  return lines;
}

/** What a log is found to be. */
export function judgeLog(judge: LogJudge, lines: readonly LogLine[]): LogProblem | VerifiedLog {
  const verifier = new LogVerifier(judge);
  for (const line of lines) {
    const problem = verifier.take(line);
    if (problem) return problem;
  }
  return verifier.end();
}

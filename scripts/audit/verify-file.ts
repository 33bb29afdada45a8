import { createReadStream, existsSync, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import * as z from 'zod';
import { verifyEd25519 } from '../../shared/crypto/ed25519.ts';
import { sha256 } from '../../shared/crypto/sha256.ts';
import type { EntryProof } from '../../shared/domain/audit/log-lines.ts';
import { fromBase64 } from '../../shared/domain/audit/signed-note.ts';
import {
  type LogJudge,
  type LogProblem,
  LogVerifier,
  type VerifiedLog,
  verifyEntryProof,
} from '../../shared/domain/audit/verify-log.ts';

const PUBLIC_KEY_LENGTH = 32;

const HELP = `eufm-audit verify FILE --key KEY [--checkpoint FILE]...

Verifies, offline, what GET /v1/audit-logs/export or GET /v1/audit-logs/{id}/proof answered.

  --key KEY          the public key: base64, or a file with it or with what /.well-known/eufm-audit-keys answered, of which
                     any may have signed
  --checkpoint FILE  a signed note that you kept: the log must go on from it. Without one, a log that was rewritten
                     and signed again by whoever has the private key is not found out.

Ends with 0 when all is proved, 1 when something is not, naming the first entry, and 2 when it could not be read.`;

const base64 = z.string();
const seq = z.int().nonnegative();
const line = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('log'), version: z.literal(1), origin: z.string(), first: seq, edge: z.array(base64) }),
  z.object({ kind: z.literal('entry'), seq, hash: base64, entry: z.string() }),
  z.object({ kind: z.literal('checkpoint'), note: z.string() }),
  z.object({ kind: z.literal('error'), detail: z.string() }),
]);
const proof = z.object({
  kind: z.literal('proof'),
  version: z.literal(1),
  origin: z.string(),
  seq,
  hash: base64,
  entry: z.string(),
  proof: z.array(base64),
  note: z.string(),
});
/** What is saved in the place of a log by who does not look at the status of the answer. */
const answeredError = z.object({ status: z.int(), title: z.string(), code: z.string() });
const keyList = z.object({ keys: z.array(z.object({ publicKey: base64 })) });

type Print = (line: string) => void;

/** Runs the command; answers its exit code. Reads files alone. */
export async function verifyFile(args: readonly string[], print: Print, printError: Print): Promise<number> {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        key: { type: 'string' },
        checkpoint: { type: 'string', multiple: true, default: [] },
        help: { type: 'boolean', default: false },
      },
    });
    if (values.help) {
      print(HELP);
      return 0;
    }
    const [command, file, ...more] = positionals;
    if (command !== 'verify' || file === undefined || more.length > 0) throw new Error(`one file to verify\n\n${HELP}`);
    if (values.key === undefined) throw new Error('--key is missing: by whose signature?');
    const publicKeys = readKeys(values.key);
    const kept = values.checkpoint.map(readNote);
    return await verifyBy(file, { sha256, verify: verifyEd25519, publicKeys, kept }, print);
  } catch (error) {
    printError(`eufm-audit: ${(error as Error).message}`);
    return 2;
  }
}

async function verifyBy(file: string, judge: LogJudge, print: Print): Promise<number> {
  const outcome = await verifyLines(file, judge);
  if ('problem' in outcome) {
    print(outcome.seq === null ? `BAD: ${outcome.problem}` : `BAD at entry ${outcome.seq}: ${outcome.problem}`);
    return 1;
  }
  if ('proof' in outcome) {
    print(`GOOD: entry ${outcome.seq} of ${outcome.origin} is covered by a signed checkpoint`);
    print('This says nothing of any other entry: an exported log does.');
    return 0;
  }
  const { origin, first, size, checkpoints } = outcome;
  print(`GOOD: entries ${first} to ${size - 1} of ${origin}, by ${countOf(checkpoints, 'signed checkpoint')}`);
  if (first > 0) print(`Entries before ${first} are not in the file, which says that they were rolled off.`);
  print(sayCompared(outcome, judge.kept?.length ?? 0));
  return 0;
}

function sayCompared({ first, compared }: VerifiedLog, kept: number): string {
  if (compared > 0) return `It goes on from ${compared} of ${countOf(kept, 'checkpoint')} that you kept.`;
  const why = kept === 0 ? '' : `, since what you kept covers only entries before ${first}`;
  return `No checkpoint that you kept was compared${why}: a log that was rewritten and signed again would look the same.`;
}

function countOf(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}

async function verifyLines(file: string, judge: LogJudge): Promise<LogProblem | VerifiedLog | EntryProof> {
  const verifier = new LogVerifier(judge);
  let number = 0;
  for await (const text of createInterface({ input: createReadStream(file), crlfDelay: Number.POSITIVE_INFINITY })) {
    number++;
    const value = parse(text);
    const read = line.safeParse(value);
    if (number === 1 && !read.success) return verifyProof(value ?? parse(readFileSync(file, 'utf8')), judge);
    if (!read.success) {
      const what = value === null ? 'is cut off, or no JSON' : 'is not one of an exported log';
      return { seq: verifier.next, problem: `line ${number} ${what}` };
    }
    const problem = verifier.take(read.data);
    if (problem) return problem;
  }
  if (number === 0) throw new Error('the file is empty');
  return verifier.end();
}

/** Of a file that does not begin as a log does: on one line or on several. Throws when it is no proof. */
function verifyProof(value: unknown, judge: LogJudge): LogProblem | EntryProof {
  const asError = answeredError.safeParse(value);
  if (asError.success)
    throw new Error(`the file is no log: it is the error ${asError.data.status}, ${asError.data.title}`);
  const read = proof.safeParse(value);
  if (!read.success) throw new Error('the file is neither an exported log nor a proof');
  if (judge.kept?.length)
    throw new Error('--checkpoint is for an exported log, and the file is the proof of one entry');
  return verifyEntryProof(judge, read.data) ?? read.data;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** A note ends with one line break: a shell takes it away, and what prints a text of JSON adds one. */
function readNote(name: string): string {
  return `${readFileSync(name, 'utf8').trimEnd()}\n`;
}

function readKeys(given: string): Uint8Array[] {
  const text = existsSync(given) ? readFileSync(given, 'utf8').trim() : given;
  const listed = keyList.safeParse(parse(text));
  if (listed.data?.keys.length === 0) throw new Error('the list has no key: there is one from the first checkpoint on');
  const keys = listed.success ? listed.data.keys.map(({ publicKey }) => publicKey) : [text];
  return keys.map((key) => {
    const bytes = fromBase64(key);
    if (bytes?.length !== PUBLIC_KEY_LENGTH) throw new Error('the key is not 32 bytes of base64, nor a file of such');
    return bytes;
  });
}

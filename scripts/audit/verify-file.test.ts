import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sha256 } from '../../shared/crypto/sha256.ts';
import type { LogLine } from '../../shared/domain/audit/log-lines.ts';
import { hashChildren, hashLeaf } from '../../shared/domain/audit/merkle-tree.ts';
import { toBase64 } from '../../shared/domain/audit/signed-note.ts';
import { entryText, exportedLog, makeLogKey, ORIGIN } from '../../test/harness/exported-log.ts';
import { verifyFile } from './verify-file.ts';

const ROWS = 100_000;
const LIMIT_MS = 30_000;

const key = makeLogKey();
const publicKey = toBase64(key.publicKey);
let folder: string;
let lines: LogLine[];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'eufm-audit-'));
  const entries = Array.from({ length: ROWS }, (_, at) => entryText(at));
  lines = await exportedLog(key, entries, 1_000);
}, 120_000);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

function write(name: string, content: readonly LogLine[] | string): string {
  const file = join(folder, name);
  writeFileSync(
    file,
    typeof content === 'string' ? content : content.map((line) => `${JSON.stringify(line)}\n`).join(''),
  );
  return file;
}

async function run(...args: string[]) {
  const out: string[] = [];
  const code = await verifyFile(
    args,
    (line) => out.push(line),
    (line) => out.push(line),
  );
  return { code, out };
}

const hashOf = (entry: string) => hashLeaf(sha256, new TextEncoder().encode(entry));

const changed = (seq: number) =>
  lines.map((line) =>
    line.kind === 'entry' && line.seq === seq ? { ...line, entry: line.entry.replace('updated', 'deleted') } : line,
  );

describe('U7: eufm-audit verify', () => {
  it('verifies a hundred thousand entries offline within thirty seconds', async () => {
    const file = write('good.jsonl', lines);
    const before = process.cpuUsage();
    const { code, out } = await run('verify', file, '--key', publicKey);
    const { user, system } = process.cpuUsage(before); // as long as it takes where nothing else runs
    expect((user + system) / 1_000).toBeLessThan(LIMIT_MS);
    expect(code).toBe(0);
    expect(out[0]).toContain(`GOOD: entries 0 to ${ROWS - 1}`);
    expect(out[1]).toContain('No checkpoint that you kept was compared: a log that was rewritten');
  }, 60_000);

  it('control: names the entry that was changed among them, and ends with 1', async () => {
    const { code, out } = await run('verify', write('bad.jsonl', changed(99_123)), '--key', publicKey);
    expect([code, out]).toEqual([1, ['BAD at entry 99123: the entry does not have the hash that stands by it']]);
  }, 60_000);

  it('runs as a program, by its exit code', async () => {
    const few = await exportedLog(key, [entryText(1), entryText(2)], 10);
    const program = (file: string) =>
      promisify(execFile)(process.execPath, [
        join(import.meta.dirname, 'verify-cli.ts'),
        ...['verify', file, '--key', publicKey],
      ]).then(
        ({ stdout }) => ({ code: 0, stdout }),
        ({ code, stdout }) => ({ code, stdout }),
      );
    expect(await program(write('few.jsonl', few))).toMatchObject({ code: 0, stdout: expect.stringContaining('GOOD') });
    const cut = few.slice(0, -1);
    expect(await program(write('cut.jsonl', cut))).toMatchObject({ code: 1, stdout: expect.stringContaining('BAD') });
  }, 60_000);

  it('takes checkpoints that were kept, and the key as a file', async () => {
    const few = await exportedLog(key, [entryText(1), entryText(2)], 1);
    const [, , first] = few;
    const noteText = first?.kind === 'checkpoint' ? first.note : '';
    const note = write('note.txt', noteText);
    const keys = write(
      'keys.json',
      JSON.stringify({ keys: [{ publicKey: toBase64(makeLogKey().publicKey) }, { publicKey }] }),
    );
    const good = await run('verify', write('few.jsonl', few), '--key', keys, '--checkpoint', note);
    expect(good).toMatchObject({
      code: 0,
      out: [expect.stringContaining('by 2 signed checkpoints'), 'It goes on from 1 of 1 checkpoint that you kept.'],
    });
    for (const [name, text] of [
      ['shell.txt', noteText.trimEnd()],
      ['jq.txt', `${noteText}\n`],
    ] as const) {
      const args = ['--key', keys, '--checkpoint', write(name, text)];
      expect(await run('verify', write('few.jsonl', few), ...args)).toMatchObject({ code: 0 });
    }
    const rewritten = await exportedLog(key, [entryText(3), entryText(2)], 1);
    const bad = await run('verify', write('rewritten.jsonl', rewritten), '--key', keys, '--checkpoint', note);
    expect(bad).toMatchObject({ code: 1, out: [expect.stringContaining('not those of the checkpoint that was kept')] });
  });

  it.each([
    [['verify', 'FILE'], '--key is missing'],
    [['verify', '/no/such/file', '--key', publicKey], 'no such file'],
    [['verify', 'a', 'b', '--key', publicKey], 'one file to verify'],
    [['prove'], 'one file to verify'],
    [['verify', 'FILE', '--key', 'short'], 'not 32 bytes'],
  ])('ends with 2 where it cannot be run: %j', async (args, message) => {
    expect(await run(...args)).toMatchObject({ code: 2, out: [expect.stringContaining(message)] });
  });

  it('ends with 2 by a list of keys that nothing was signed by yet', async () => {
    const { code, out } = await run('verify', 'FILE', '--key', write('no-keys.json', '{"keys":[]}'));
    expect([code, out]).toEqual([2, [expect.stringContaining('the list has no key')]]);
  });

  it.each([
    ['something else', '{"kind":"tenant"}\n', 'neither an exported log nor a proof'],
    ['not JSON', 'audit.jsonl\n', 'neither an exported log nor a proof'],
    ['empty', '', 'the file is empty'],
    [
      'what was answered in the place of a log',
      '{"type":"about:blank","title":"No valid credential","status":401,"code":"unauthenticated"}',
      'it is the error 401, No valid credential',
    ],
  ])('ends with 2 where the file is %s', async (_, text, message) => {
    const { code, out } = await run('verify', write('other.jsonl', text), '--key', publicKey);
    expect([code, out]).toEqual([2, [expect.stringContaining(message)]]);
  });

  it('says of a log that goes on as something else from which line on, by its next entry', async () => {
    const few = await exportedLog(key, [entryText(1), entryText(2)], 10);
    const [log = '', entry = ''] = few.map((line) => `${JSON.stringify(line)}\n`);
    const judged = (third: string) => run('verify', write('other.jsonl', log + entry + third), '--key', publicKey);
    const bad = (what: string) => ({ code: 1, out: [`BAD at entry 1: line 3 ${what}`] });
    expect(await judged('{}\n')).toEqual(bad('is not one of an exported log'));
    expect(await judged('{"kind":"checkp')).toEqual(bad('is cut off, or no JSON'));
  });

  it('says of a log of before its first checkpoint that there is none yet', async () => {
    const [log] = await exportedLog(key, [], 10);
    const { code, out } = await run('verify', write('new.jsonl', [log as LogLine]), '--key', publicKey);
    expect([code, out]).toEqual([1, [expect.stringContaining('no checkpoint yet')]]);
  });

  it('does not say that what was kept was compared where it could not be', async () => {
    const [log, , kept, , , ...rest] = await exportedLog(
      key,
      [1, 2, 3].map((at) => entryText(at)),
      1,
    );
    const [one, two] = [1, 2].map((at) => hashOf(entryText(at))) as [Uint8Array, Uint8Array];
    const edge = [toBase64(hashChildren(sha256, one, two))];
    const file = write('cut.jsonl', [{ ...log, first: 2, edge } as LogLine, ...rest]);
    const note = write('older.txt', kept?.kind === 'checkpoint' ? kept.note : '');
    expect(await run('verify', file, '--key', publicKey, '--checkpoint', note)).toEqual({
      code: 0,
      out: [
        `GOOD: entries 2 to 2 of ${ORIGIN}, by 1 signed checkpoint`,
        'Entries before 2 are not in the file, which says that they were rolled off.',
        expect.stringContaining('covers only entries before 2: a log that was rewritten'),
      ],
    });
  });

  it('verifies the proof of an entry, on one line or on several, and takes no checkpoint for it', async () => {
    const entry = entryText(1);
    const [, , signed] = await exportedLog(key, [entry], 1);
    const note = signed?.kind === 'checkpoint' ? signed.note : '';
    const hash = toBase64(hashOf(entry));
    const proof = { kind: 'proof', version: 1, origin: ORIGIN, seq: 0, hash, entry, proof: [], note };
    for (const text of [JSON.stringify(proof), JSON.stringify(proof, null, 2)]) {
      const { code, out } = await run('verify', write('proof.json', text), '--key', publicKey);
      expect([code, out[0]]).toEqual([0, `GOOD: entry 0 of ${ORIGIN} is covered by a signed checkpoint`]);
    }
    const other = JSON.stringify({ ...proof, entry: entryText(2) });
    expect(await run('verify', write('proof.json', other), '--key', publicKey)).toMatchObject({ code: 1 });
    const kept = ['--checkpoint', write('note.txt', note)];
    expect(await run('verify', write('proof.json', JSON.stringify(proof)), '--key', publicKey, ...kept)).toEqual({
      code: 2,
      out: [expect.stringContaining('--checkpoint is for an exported log')],
    });
  });
});

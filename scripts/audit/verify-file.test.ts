import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LogLine } from '../../shared/domain/audit/log-lines.ts';
import { toBase64 } from '../../shared/domain/audit/signed-note.ts';
import { entryText, exportedLog, makeLogKey } from '../../test/harness/exported-log.ts';
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

const changed = (seq: number) =>
  lines.map((line) =>
    line.kind === 'entry' && line.seq === seq ? { ...line, entry: line.entry.replace('updated', 'deleted') } : line,
  );

describe('U7: eufm-audit verify', () => {
  it('verifies a hundred thousand entries offline within thirty seconds', async () => {
    const file = write('good.jsonl', lines);
    const startedAt = performance.now();
    const { code, out } = await run('verify', file, '--key', publicKey);
    expect(performance.now() - startedAt).toBeLessThan(LIMIT_MS);
    expect(code).toBe(0);
    expect(out[0]).toContain(`GOOD: entries 0 to ${ROWS - 1}`);
    expect(out[1]).toContain('Nothing that was kept elsewhere was compared');
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
    const note = write('note.txt', first?.kind === 'checkpoint' ? first.note : '');
    const keys = write(
      'keys.json',
      JSON.stringify({ keys: [{ publicKey: toBase64(makeLogKey().publicKey) }, { publicKey }] }),
    );
    const good = await run('verify', write('few.jsonl', few), '--key', keys, '--checkpoint', note);
    expect(good).toMatchObject({
      code: 0,
      out: [expect.anything(), 'It goes on from 1 of 1 checkpoints that were kept.'],
    });
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

  it('says of a file that is something else from which line on', async () => {
    const { code, out } = await run('verify', write('other.jsonl', '{"kind":"tenant"}\n'), '--key', publicKey);
    expect([code, out]).toEqual([1, ['BAD: line 1 is not one of an exported log']]);
  });
});

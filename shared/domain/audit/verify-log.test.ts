import { beforeAll, describe, expect, it } from 'vitest';
import { entryText, exportedLog, judgeLog, makeLogKey, noteOf, ORIGIN } from '../../../test/harness/exported-log.ts';
import { sha256 } from '../../crypto/sha256.ts';
import { canonicalJson } from './canonical-json.ts';
import { GrowingTree } from './growing-tree.ts';
import type { LogLine } from './log-lines.ts';
import { hashLeaf, nodesOf } from './merkle-tree.ts';
import { fromBase64, toBase64 } from './signed-note.ts';
import { entryProblem } from './verify-entry.ts';
import type { LogProblem, VerifiedLog } from './verify-log.ts';

const ROWS = 1_000;
const SPAN = 100;

type EntryLine = Extract<LogLine, { readonly kind: 'entry' }>;

const key = makeLogKey();
let lines: LogLine[];
let rows: EntryLine[];
/** Hashes of the log's complete subtrees, by `level/position`. */
const nodes = new Map<string, Uint8Array>();
const NO_HASH = new Uint8Array();

beforeAll(async () => {
  const entries = Array.from({ length: ROWS }, (_, at) => entryText(at));
  lines = await exportedLog(key, entries, SPAN);
  rows = lines.filter((line) => line.kind === 'entry');
  const tree = new GrowingTree(sha256);
  for (const row of rows) {
    const added = tree.append(fromBase64(row.hash) ?? NO_HASH);
    for (const { level, position, hash } of added) nodes.set(`${level}/${position}`, hash);
  }
});

const judged = (changed: readonly LogLine[]) => judgeLog(key.judge, changed);
const seqOf = (outcome: LogProblem | VerifiedLog) => ('problem' in outcome ? outcome.seq : 'none');
const hashed = (entry: string) => toBase64(hashLeaf(sha256, new TextEncoder().encode(entry)));
const replaced = (seq: number, change: (row: EntryLine) => readonly LogLine[]) =>
  lines.flatMap((line) => (line.kind === 'entry' && line.seq === seq ? change(line) : [line]));
const GOOD = { origin: ORIGIN, first: 0, size: ROWS, checkpoints: ROWS / SPAN, compared: 0 };

/** The log from an entry on, as if those before it had been rolled off: what is behind is verified in the same way, and sooner. */
function cutAt(first: number): LogLine[] {
  const edge = nodesOf([0, first]).map(({ level, position }) => toBase64(nodes.get(`${level}/${position}`) ?? NO_HASH));
  const from = lines.findIndex((line) => line.kind === 'entry' && line.seq === first);
  return [{ kind: 'log', version: 1, origin: ORIGIN, first, edge }, ...lines.slice(from)];
}

/** An entry of few bytes: each of its bits is looked at. */
const shortText = (at: number) =>
  canonicalJson({
    action: 'budget.updated',
    id: `00000000-0000-4000-8000-${String(at).padStart(12, '0')}`,
    version: 1,
  });

describe('U1: a row with any bit flipped', () => {
  it('is found out, whichever of all bits of a thousand rows', () => {
    let [bits, found] = [0, 0];
    const decoder = new TextDecoder();
    for (let at = 0; at < ROWS; at++) {
      const bytes = new TextEncoder().encode(shortText(at));
      const hash = hashed(shortText(at));
      for (let bit = 0; bit < bytes.length * 8; bit++) {
        const place = bit >> 3;
        bytes[place] = (bytes[place] ?? 0) ^ (1 << (bit & 7));
        bits++;
        if (entryProblem(sha256, { hash, entry: decoder.decode(bytes) }) !== null) found++;
        bytes[place] = (bytes[place] ?? 0) ^ (1 << (bit & 7));
      }
      if (entryProblem(sha256, { hash, entry: decoder.decode(bytes) }) !== null) throw new Error('control: unchanged');
    }
    expect(bits).toBe(664_000);
    expect(found).toBe(bits);
  }, 120_000);

  it('is named by its sequence number', () => {
    for (const row of rows) {
      const bytes = new TextEncoder().encode(row.entry);
      const place = row.seq % bytes.length;
      bytes[place] = (bytes[place] ?? 0) ^ 1;
      const entry = new TextDecoder().decode(bytes);
      const outcome = judged(cutAt(row.seq).map((line) => (line === row ? { ...row, entry } : line)));
      expect(seqOf(outcome)).toBe(row.seq);
    }
  }, 120_000);

  it('control: unchanged, every row is accepted, and the log', () => {
    expect(rows.filter((row) => entryProblem(sha256, row) !== null)).toEqual([]);
    expect(judged(lines)).toEqual(GOOD);
  });
});

/** The span of a row: where it begins. */
const spanOf = (seq: number) => seq - (seq % SPAN);

describe('U2: a log that was changed together with its hashes', () => {
  it('is found out by the checkpoint, within its span, for every one of a thousand rows', () => {
    for (const { seq } of rows) {
      const entry = entryText(seq, 'budget.deleted');
      const changed = cutAt(spanOf(seq)).map((line) =>
        line.kind === 'entry' && line.seq === seq ? { ...line, entry, hash: hashed(entry) } : line,
      );
      expect(judged(changed)).toEqual({
        seq: spanOf(seq),
        problem: expect.stringContaining('is not the one that was signed'),
      });
    }
  }, 120_000);

  const renumbered = (changed: readonly LogLine[]) => {
    let seq = 0;
    return changed.map((line) => (line.kind === 'entry' ? { ...line, seq: seq++ } : line));
  };
  const extra = entryText(5_000);
  const CHANGES: Record<string, () => readonly LogLine[]> = {
    'a row deleted': () => replaced(250, () => []),
    'a row inserted': () =>
      replaced(250, (row) => [{ kind: 'entry', seq: 250, hash: hashed(extra), entry: extra }, row]),
    'two rows swapped': () => {
      const [one, other] = [rows[250], rows[251]] as [EntryLine, EntryLine];
      return replaced(250, () => [other]).map((line) => (line === rows[251] ? one : line));
    },
    'a row duplicated': () => replaced(250, (row) => [row, row]),
  };

  it.each(Object.entries(CHANGES))(
    'is found out, with its numbers as they were and as they would be: %s',
    (_, change) => {
      expect([250, 251]).toContain(seqOf(judged(change())));
      const seq = seqOf(judged(renumbered(change())));
      expect([200, 299, 300]).toContain(seq); // the span, or where its checkpoint comes too early or too late
    },
  );

  it('is found out when its tail is missing: with its checkpoint, without, and when all of both are cut', () => {
    const kept = lines.filter((line) => line.kind !== 'entry' || line.seq < 950);
    expect(seqOf(judged(kept))).toBe(950);
    const withoutLast = lines.slice(0, -1);
    expect(judged(withoutLast)).toMatchObject({ seq: 900, problem: 'no checkpoint covers this entry and later ones' });
    const shorter = lines.slice(
      0,
      lines.findIndex((line) => line.kind === 'entry' && line.seq === 900),
    );
    const last = lines.at(-1);
    expect(judged(shorter)).toMatchObject({ size: 900 }); // an older log, and whole: so a newer checkpoint has to be kept
    const keptElsewhere = [last?.kind === 'checkpoint' ? last.note : ''];
    expect(judgeLog({ ...key.judge, kept: keptElsewhere }, shorter)).toMatchObject({ seq: 900 });
    expect(judgeLog({ ...key.judge, kept: keptElsewhere }, lines)).toEqual({ ...GOOD, compared: 1 });
  });

  it('control: with the changes alone that nobody would call one, it is accepted', () => {
    expect(judged(renumbered(lines))).toEqual(GOOD);
    expect(judged(replaced(250, (row) => [{ ...row }]))).toEqual(GOOD);
  });
});

describe('U5: a log that was rewritten and signed again with the true key', () => {
  it('is found out by a checkpoint that was kept elsewhere, and by nothing else', async () => {
    const rewritten = await exportedLog(
      key,
      Array.from({ length: ROWS }, (_, at) => entryText(at, at === 123 ? 'nothing.happened' : 'budget.updated')),
      SPAN,
    );
    expect(judged(rewritten)).toEqual(GOOD);
    const kept = lines.flatMap((line) => (line.kind === 'checkpoint' ? [line.note] : []));
    for (const [at, note] of kept.entries()) {
      const outcome = judgeLog({ ...key.judge, kept: [note] }, rewritten);
      if (at === 0)
        expect(outcome).toEqual({ ...GOOD, compared: 1 }); // of entries before the one that was changed
      else
        expect(outcome).toMatchObject({
          problem: expect.stringContaining('not those of the checkpoint that was kept'),
        });
      expect(judgeLog({ ...key.judge, kept: [note] }, lines)).toEqual({ ...GOOD, compared: 1 });
    }
  });

  it('a checkpoint of another key is none', async () => {
    const other = makeLogKey();
    expect(judgeLog(other.judge, lines)).toMatchObject({ seq: 0, problem: expect.stringContaining('not signed') });
    const note = await noteOf(other, new GrowingTree(sha256));
    expect(judgeLog({ ...key.judge, kept: [note] }, lines)).toMatchObject({ seq: null });
  });
});

describe('a log of which the beginning was rolled off', () => {
  it.each([1, 250, 512, 999])('is verified from entry %i on', (first) => {
    const checkpoints = 10 - Math.floor(first / SPAN);
    expect(judged(cutAt(first))).toEqual({ ...GOOD, first, checkpoints });
  });

  it('is found out when what stands for the beginning is another, or not that long', () => {
    const [log, ...rest] = cutAt(250) as [Extract<LogLine, { kind: 'log' }>, ...LogLine[]];
    const [one = '', ...edge] = log.edge;
    expect(judged([{ ...log, edge: [hashed(one), ...edge] }, ...rest])).toMatchObject({ seq: 250 });
    expect(judged([{ ...log, edge }, ...rest])).toMatchObject({ seq: null });
    expect(judged([{ ...log, edge: ['no hash', ...edge] }, ...rest])).toMatchObject({ seq: null });
  });

  it('is compared with checkpoints that were kept of what is there', () => {
    const kept = lines.flatMap((line) => (line.kind === 'checkpoint' ? [line.note] : []));
    expect(judgeLog({ ...key.judge, kept }, cutAt(250))).toMatchObject({ compared: 8 });
  });
});

describe('a file that is no log', () => {
  it.each<[string, LogLine[]]>([
    ['is empty', []],
    ['begins with an entry', [{ kind: 'entry', seq: 0, hash: '', entry: '' }]],
    ['has no checkpoint', [{ kind: 'log', version: 1, origin: ORIGIN, first: 0, edge: [] }]],
  ])('is found out: it %s', (_, changed) => {
    expect(judged(changed)).toMatchObject({ seq: null });
  });

  it('is found out where an export broke off, and where a second log begins', () => {
    expect(judged([...lines.slice(0, 5), { kind: 'error', detail: 'gone' }])).toMatchObject({ seq: 4 });
    expect(judged([...lines, ...lines])).toMatchObject({ seq: null, problem: 'a second log begins' });
  });
});

describe('an entry', () => {
  it.each([
    ['names in another order', '{"b":1,"a":2}'],
    ['white space', '{"a": 1}'],
    ['a name twice', '{"a":1,"a":1}'],
    ['another escape', '{"a":"\\u0041"}'],
    ['another form of a number', '{"a":1.0}'],
    ['no JSON', '{'],
  ])('is refused with %s, even with its hash', (_, entry) => {
    expect(entryProblem(sha256, { hash: hashed(entry), entry })).toBe('the entry is not canonical JSON');
  });

  it('is written as RFC 8785 says (its examples, sections 3.2.2 and 3.2.3)', () => {
    const example = JSON.parse(String.raw`{
      "numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
      "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/", "literals": [null, true, false] }`);
    expect(canonicalJson(example)).toBe(
      String.raw`{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\u000f\nA'B\"\\\\\"/"}`,
    );
    const names = { '€': 1, '\r': 2, '\ufb33': 3, '1': 4, '😀': 5, '\u0080': 6, ö: 7 };
    expect(Object.values(JSON.parse(canonicalJson(names)) as object)).toHaveLength(7);
    expect([...canonicalJson(names).matchAll(/:(\d)/g)].map(([, value]) => Number(value))).toEqual([
      2, 4, 6, 7, 1, 5, 3,
    ]);
  });
});

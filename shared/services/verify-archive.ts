import { sql } from 'drizzle-orm';
import * as z from 'zod';
import { hexDigestOf } from '../crypto/text-digest.ts';
import type { StatementRunner } from '../db/statement-runner.ts';
import { type ArchiveSums, addSums, archiveFolder } from '../domain/usage/archive-manifest.ts';
import type { ArchiveStore } from './archive-store.ts';
import { archivePart } from './roll-off-requests.ts';

const file = archivePart.omit({ isDeleted: true });
const manifest = z.object({
  version: z.literal(1),
  tenantId: z.string(),
  day: z.string(),
  files: z.array(file),
  rows: z.int(),
  sums: file.shape.sums,
});
const archivedRequest = z.object({
  revision: z.int(),
  cost_usd: z.string().regex(/^-?\d+\.\d{12}$/),
  input_token_count: z.int().nullable(),
  output_token_count: z.int().nullable(),
});
const rolledOff = z.object({ parts: z.array(archivePart), rows: z.coerce.number() });
const counted = z.object({ requests: z.string(), tokens: z.string(), cost: z.string() });

/** What an archive says and what it ought to. Exact texts. */
export interface ArchiveProblem {
  readonly where: string;
  readonly expected: string;
  readonly found: string;
}

/**
 * Reads a day's archive whole, a file at a time, and holds it against what was noted when its rows were deleted, and its
 * sums against those of the day, which outlive the rows. An empty list: the archive has what was deleted.
 */
export async function verifyArchive(input: {
  readonly statements: StatementRunner;
  readonly archive: ArchiveStore;
  readonly tenantId: string;
  /** YYYY-MM-DD, UTC. */
  readonly day: string;
}): Promise<ArchiveProblem[]> {
  const { statements, archive, tenantId, day } = input;
  const key = `${archiveFolder(tenantId, day)}/manifest.json`;
  const text = await archive.get(key);
  if (text === null) return [{ where: key, expected: 'a manifest', found: 'none' }];
  const { files, rows, sums } = manifest.parse(JSON.parse(text));
  const { deleted, day: ofDay } = await readNoted(statements, tenantId, day);
  const problems: ArchiveProblem[] = [];
  const compare = (where: string, expected: string, found: string) => {
    if (expected !== found) problems.push({ where, expected, found });
  };
  for (const part of deleted.parts) {
    const listed = files.find(({ key }) => key === part.key);
    compare(`${part.key} in the manifest`, part.sha256, listed?.sha256 ?? 'none');
  }
  for (const listed of files) {
    const content = await archive.get(listed.key);
    compare(`${listed.key} sha256`, listed.sha256, content === null ? 'none' : await hexDigestOf(content));
    if (content === null) continue;
    const read = readFile(content);
    compare(`${listed.key} rows`, String(listed.rows), String(read.rows));
    compareSums(listed.key, listed.sums, read.sums, compare);
  }
  compare('rows', String(rows), String(files.reduce((sum, { rows }) => sum + rows, 0)));
  compareSums('sums', sums, addSums(files.map(({ sums }) => sums)), compare);
  compare('rows deleted', String(deleted.rows), String(rows));
  compare('requests of the day', ofDay.requests, String(rows));
  compare('tokens of the day', ofDay.tokens, String(BigInt(sums.inputTokens) + BigInt(sums.outputTokens)));
  compare('pico-dollars of the day', ofDay.cost, sums.costPicoUsd);
  return problems;
}

function compareSums(
  where: string,
  expected: ArchiveSums,
  found: ArchiveSums,
  compare: (where: string, expected: string, found: string) => void,
): void {
  compare(`${where} costPicoUsd`, expected.costPicoUsd, found.costPicoUsd);
  compare(`${where} inputTokens`, expected.inputTokens, found.inputTokens);
  compare(`${where} outputTokens`, expected.outputTokens, found.outputTokens);
  compare(`${where} revisions`, expected.revisions, found.revisions);
}

function readFile(content: string): { readonly rows: number; readonly sums: ArchiveSums } {
  const rows = content
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => archivedRequest.parse(JSON.parse(line)));
  const sum = (value: (row: (typeof rows)[number]) => bigint) =>
    rows.reduce((total, row) => total + value(row), 0n).toString();
  return {
    rows: rows.length,
    sums: {
      costPicoUsd: sum(({ cost_usd }) => BigInt(cost_usd.replace('.', ''))),
      inputTokens: sum(({ input_token_count }) => BigInt(input_token_count ?? 0)),
      outputTokens: sum(({ output_token_count }) => BigInt(output_token_count ?? 0)),
      revisions: sum(({ revision }) => BigInt(revision)),
    },
  };
}

async function readNoted(statements: StatementRunner, tenantId: string, day: string) {
  const start = sql`${`${day}T00:00:00Z`}::timestamptz`;
  const [[noted] = [], [sums] = []] = await statements.asTenant(tenantId, [
    sql`select parts, rows::text as rows from roll_offs
      where tenant_id = ${tenantId} and what = 'requests' and day = ${start}`,
    sql`
      select coalesce(sum(value) filter (where unit = 'requests'), 0)::numeric(38, 0)::text as requests,
        coalesce(sum(value) filter (where unit = 'tokens'), 0)::numeric(38, 0)::text as tokens,
        (coalesce(sum(value) filter (where unit = 'cost_usd'), 0) * 1e12)::numeric(38, 0)::text as cost
      from usage_aggregates
      where tenant_id = ${tenantId} and period_start = ${start} and period_end = ${start} + interval '1 day'`,
  ]);
  return { deleted: rolledOff.parse(noted ?? { parts: [], rows: 0 }), day: counted.parse(sums) };
}

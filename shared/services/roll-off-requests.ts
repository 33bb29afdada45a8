import { type SQL, sql } from 'drizzle-orm';
import * as z from 'zod';
import { hexDigestOf } from '../crypto/text-digest.ts';
import { lockLedger } from '../db/lock-ledger.ts';
import type { StatementRunner } from '../db/statement-runner.ts';
import { toJsonb } from '../db/to-jsonb.ts';
import { type ArchivePart, archiveFolder, manifestOf } from '../domain/usage/archive-manifest.ts';
import { archiveRequests, isOfDay } from './archive-requests.ts';
import type { ArchiveStore } from './archive-store.ts';

/** Requests in one file of an archive, and deleted by one statement. */
const ROWS_PER_PART = 2_000;

const place = z.object({ createdAt: z.string(), id: z.uuid() });
const sums = z.object({
  costPicoUsd: z.string(),
  inputTokens: z.string(),
  outputTokens: z.string(),
  revisions: z.string(),
});
export const archivePart = z.object({
  ...{ number: z.int(), key: z.string(), rows: z.int(), bytes: z.int(), sha256: z.string() },
  ...{ first: place, last: place, sums, priceVersions: z.array(z.string()), isDeleted: z.boolean() },
});

const dayRow = z.object({
  day: z.string(),
  status: z.enum(['archiving', 'deleting']).nullable(),
  parts: z.array(archivePart),
  /** When its row was written last; null: it has none. */
  seen: z.string().nullable(),
});
type Day = z.infer<typeof dayRow>;

const deleted = z.object({ is_same: z.boolean(), is_ours: z.boolean(), gone: z.coerce.number() });

/** What one step did: `day` is which it worked on, null when nothing of the tenant's is old enough. */
export interface RollOffStep {
  readonly day: string | null;
  readonly deleted: number;
}

/**
 * One step of letting a tenant's requests go that are older than its plan keeps them, with their events, the oldest day
 * first: it stores one file of that day's archive, or its manifest, or deletes the rows of one file. Rows go only once the
 * manifest is there that lists their file, and only as they are in that file: what was corrected or came late since is
 * archived again. Each step leaves in `roll_offs` where the next goes on, so that a run may end at any point.
 */
export async function rollOffRequests(input: {
  readonly statements: StatementRunner;
  readonly archive: ArchiveStore;
  readonly tenantId: string;
  readonly now: Date;
  readonly rowsPerPart?: number;
}): Promise<RollOffStep> {
  const { statements, archive, tenantId, now, rowsPerPart = ROWS_PER_PART } = input;
  const day = await nextDay(statements, tenantId, now);
  if (!day) return { day: null, deleted: 0 };
  const step = { statements, archive, tenantId, day };
  if (day.status !== 'deleting') return await archiveNext(step, rowsPerPart);
  const part = day.parts.find(({ isDeleted }) => !isDeleted);
  if (part) return await deletePart(step, part);
  await save(step, 'archiving', day.parts); // late rows, found when the others had gone
  return { day: day.day, deleted: 0 };
}

interface Step {
  readonly statements: StatementRunner;
  readonly archive: ArchiveStore;
  readonly tenantId: string;
  readonly day: Day;
}

/** The day that was begun, or else the oldest of which there is a request that the plan no longer keeps. */
async function nextDay(statements: StatementRunner, tenantId: string, now: Date): Promise<Day | null> {
  const [rows = []] = await statements.asTenant(tenantId, [
    sql`
      with oldest as (
        select date_trunc('day', min(requests.created_at), 'UTC') as day from requests
        where tenant_id = ${tenantId} and requests.created_at < (
          select date_trunc('day', ${now.toISOString()}::timestamptz, 'UTC') - request_retention_days * interval '1 day'
          from tenants join plans on plans.name = plan where tenants.id = ${tenantId})
      ),
      begun as (
        select day, status, parts, updated_at from roll_offs
        where tenant_id = ${tenantId} and what = 'requests' and status <> 'done' order by roll_offs.day limit 1
      ),
      next as (
        select day, status, parts, updated_at from begun
        union all
        select oldest.day, null, coalesce(parts, '[]'), updated_at
        from oldest left join roll_offs on tenant_id = ${tenantId} and what = 'requests' and roll_offs.day = oldest.day
        where oldest.day is not null and not exists (select from begun)
      )
      select to_char(next.day at time zone 'UTC', 'YYYY-MM-DD') as day, status, parts, updated_at::text as seen from next`,
  ]);
  return z.array(dayRow).parse(rows)[0] ?? null;
}

async function archiveNext({ statements, archive, tenantId, day }: Step, limit: number): Promise<RollOffStep> {
  const step = { statements, archive, tenantId, day };
  if (day.status === null) {
    await save(step, 'archiving', day.parts);
    return { day: day.day, deleted: 0 };
  }
  const newest = day.parts.at(-1);
  const after = newest && !newest.isDeleted ? newest.last : null;
  const number = (newest?.number ?? 0) + 1;
  const part = await archiveRequests({ statements, archive, tenantId, day: day.day, after, number, limit });
  if (part) await save(step, 'archiving', [...day.parts, part]);
  else {
    const manifest = `${JSON.stringify(manifestOf(tenantId, day.day, day.parts), null, 2)}\n`;
    await archive.put(`${archiveFolder(tenantId, day.day)}/manifest.json`, manifest, await hexDigestOf(manifest));
    const isOver = day.parts.every(({ isDeleted }) => isDeleted);
    await save(step, isOver ? 'done' : 'deleting', day.parts);
  }
  return { day: day.day, deleted: 0 };
}

async function deletePart({ statements, archive, tenantId, day }: Step, part: ArchivePart): Promise<RollOffStep> {
  const parts = day.parts.map((each) => (each === part ? { ...each, isDeleted: true } : each));
  const range = sql`
    tenant_id = ${tenantId} and ${isOfDay(day.day)}
    and (created_at, id) >= (${part.first.createdAt}::timestamptz, ${part.first.id}::uuid)
    and (created_at, id) <= (${part.last.createdAt}::timestamptz, ${part.last.id}::uuid)`;
  const [, rows = []] = await statements.asTenant(tenantId, [
    lockLedger(tenantId),
    sql`
      with total as materialized (
        select count(*) = ${part.rows}::bigint
          and coalesce(sum(cost_usd), 0) * 1e12 = ${part.sums.costPicoUsd}::numeric
          and coalesce(sum(revision), 0) = ${part.sums.revisions}::numeric as is_same,
          (select updated_at::text from roll_offs where ${isThisDay(tenantId, day)}) = ${day.seen} as is_ours
        from requests where ${range}
      ),
      gone as (delete from requests where ${range} and (select is_same and is_ours from total) returning 1),
      rest as (
        select not exists (select from requests where tenant_id = ${tenantId} and ${isOfDay(day.day)} and not (${range}))
          and ${parts.every(({ isDeleted }) => isDeleted)}::boolean as is_last
      ),
      noted as (
        update roll_offs set parts = ${toJsonb(parts)}::jsonb, rows = rows + (select count(*) from gone),
          status = case when is_last then 'done' else 'deleting' end, updated_at = clock_timestamp()
        from rest
        where ${isThisDay(tenantId, day)} and (select is_same and is_ours from total)
      )
      select is_same, is_ours, (select count(*) from gone)::text as gone from total`,
  ]);
  const result = deleted.parse(rows[0]);
  if (!result.is_ours) throw takenOver(day);
  if (!result.is_same) await save({ statements, archive, tenantId, day }, 'archiving', archivedFor(day.parts));
  return { day: day.day, deleted: result.gone };
}

/** The files whose rows are gone stay; the others are made anew of what is there now. */
function archivedFor(parts: readonly ArchivePart[]): readonly ArchivePart[] {
  return parts.filter(({ isDeleted }) => isDeleted);
}

/** Writes what the next step goes on from, unless another run has written since this one read it. */
async function save(
  { statements, tenantId, day }: Step,
  status: 'archiving' | 'deleting' | 'done',
  parts: readonly ArchivePart[],
): Promise<void> {
  const [rows = []] = await statements.asTenant(tenantId, [
    sql`
      insert into roll_offs (tenant_id, what, day, status, parts)
      values (${tenantId}::uuid, 'requests', ${`${day.day}T00:00:00Z`}::timestamptz, ${status}, ${toJsonb(parts)}::jsonb)
      on conflict (tenant_id, what, day) do update
        set status = excluded.status, parts = excluded.parts, updated_at = clock_timestamp()
        where roll_offs.updated_at::text = ${day.seen}
      returning 1`,
  ]);
  if (rows.length === 0) throw takenOver(day);
}

function isThisDay(tenantId: string, { day }: Day): SQL {
  return sql`tenant_id = ${tenantId} and what = 'requests' and day = ${`${day}T00:00:00Z`}::timestamptz`;
}

function takenOver({ day }: Day): Error {
  return new Error(`the roll-off of ${day} went on elsewhere`);
}

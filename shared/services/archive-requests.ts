import { type SQL, sql } from 'drizzle-orm';
import * as z from 'zod';
import { hexDigestOf } from '../crypto/text-digest.ts';
import type { StatementRunner } from '../db/statement-runner.ts';
import { type ArchivePart, archiveFolder, type RowPlace } from '../domain/usage/archive-manifest.ts';
import type { ArchiveStore } from './archive-store.ts';

const line = z.object({
  line: z.string(),
  created_at: z.string(),
  id: z.uuid(),
  revision: z.coerce.bigint(),
  cost: z.coerce.bigint(),
  input_tokens: z.coerce.bigint(),
  output_tokens: z.coerce.bigint(),
  price_version: z.string().nullable(),
});
type Line = z.infer<typeof line>;

/**
 * Stores up to `limit` requests of a tenant's day behind a place as NDJSON, each with its events, money as decimal text.
 * Answers what is in the file; null when there is none behind that place. Deletes nothing, and writes nothing to Postgres.
 */
export async function archiveRequests(input: {
  readonly statements: StatementRunner;
  readonly archive: ArchiveStore;
  readonly tenantId: string;
  /** YYYY-MM-DD, UTC. */
  readonly day: string;
  readonly after: RowPlace | null;
  readonly number: number;
  readonly limit: number;
}): Promise<ArchivePart | null> {
  const { statements, archive, tenantId, day, after, number, limit } = input;
  const behind = after ? sql`and (created_at, id) > (${after.createdAt}::timestamptz, ${after.id}::uuid)` : sql``;
  const [rows = []] = await statements.asTenant(tenantId, [
    sql`
      select (to_jsonb(requests) || jsonb_build_object('cost_usd', cost_usd::text, 'events', (
          select coalesce(jsonb_agg(to_jsonb(event) - 'tenant_id' - 'request_id' order by ts, event.id), '[]')
          from request_events as event where event.tenant_id = ${tenantId} and request_id = requests.id
        )))::text as line,
        to_jsonb(created_at) #>> '{}' as created_at, id::text, revision::text,
        (cost_usd * 1e12)::numeric(38, 0)::text as cost, coalesce(input_token_count, 0)::text as input_tokens,
        coalesce(output_token_count, 0)::text as output_tokens, price_version_id::text as price_version
      from requests where tenant_id = ${tenantId} and ${isOfDay(day)} ${behind}
      order by requests.created_at, requests.id limit ${limit}`,
  ]);
  const lines = z.array(line).parse(rows);
  const [first, last] = [lines[0], lines.at(-1)];
  if (!first || !last) return null;
  const text = lines.map((each) => `${each.line}\n`).join('');
  const sha256 = await hexDigestOf(text);
  const key = `${archiveFolder(tenantId, day)}/${number}.ndjson`;
  await archive.put(key, text, sha256);
  const sum = (value: (each: Line) => bigint) => lines.reduce((total, each) => total + value(each), 0n).toString();
  return {
    ...{ number, key, sha256, rows: lines.length, bytes: new TextEncoder().encode(text).length },
    ...{ first: placeOf(first), last: placeOf(last) },
    sums: {
      costPicoUsd: sum(({ cost }) => cost),
      inputTokens: sum(({ input_tokens }) => input_tokens),
      outputTokens: sum(({ output_tokens }) => output_tokens),
      revisions: sum(({ revision }) => revision),
    },
    priceVersions: [...new Set(lines.flatMap(({ price_version }) => price_version ?? []))].sort(),
    isDeleted: false,
  };
}

/** If a request was made on a day (YYYY-MM-DD, UTC). */
export function isOfDay(day: string): SQL {
  const start = sql`${`${day}T00:00:00Z`}::timestamptz`;
  return sql`created_at >= ${start} and created_at < ${start} + interval '1 day'`;
}

function placeOf({ created_at: createdAt, id }: Line): RowPlace {
  return { createdAt, id };
}

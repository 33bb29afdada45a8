import { sql } from 'drizzle-orm';
import * as z from 'zod';
import type { StatementRunner } from '../db/statement-runner.ts';
import { logOrigin } from '../domain/audit/checkpoint.ts';
import type { LogLine } from '../domain/audit/log-lines.ts';
import type { Sha256 } from '../domain/audit/merkle-tree.ts';
import { toBase64 } from '../domain/audit/signed-note.ts';
import { edgeSpans, readSpans } from './read-audit-tree.ts';

const PAGE_SIZE = 500;

const bounds = z.object({ first: z.coerce.number(), size: z.coerce.number() });
const entries = z.array(z.object({ seq: z.coerce.number(), hash: z.string(), entry: z.string() }));
const checkpoints = z.array(z.object({ size: z.coerce.number(), note: z.string() }));

export interface AuditReader {
  readonly statements: StatementRunner;
  readonly sha256: Sha256;
  readonly region: string;
  readonly tenantId: string;
}

/**
 * A tenant's log as it is kept, up to the newest signed checkpoint, as lines that `eufm-audit verify` takes: pages of entries
 * as the reader takes them, each checkpoint behind the last entry that it covers. What no checkpoint covers yet is not in it.
 * Throws where entries are missing that were not rolled off before it began.
 */
export async function* exportAuditLog(reader: AuditReader): AsyncGenerator<LogLine[], void> {
  const { statements, sha256, region, tenantId } = reader;
  const [[row] = []] = await statements.asTenant(tenantId, [
    sql`
      select coalesce(max(first), 0)::text as first, coalesce((
        select max(size) from audit_checkpoints where tenant_id = ${tenantId}::uuid), 0)::text as size
      from audit_trees where tenant_id = ${tenantId}::uuid`,
  ]);
  const { first, size } = bounds.parse(row);
  const edge = readSpans(sha256, tenantId, edgeSpans(first));
  const [nodes = []] = await statements.asTenant(tenantId, [edge.statement]);
  const hashes = edge.hashesOf(nodes).map(toBase64);
  yield [{ kind: 'log', version: 1, origin: logOrigin(region, tenantId), first, edge: hashes }];
  for (let from = first; from < size; from += PAGE_SIZE)
    yield await readPage(reader, from, Math.min(from + PAGE_SIZE, size));
}

/** Entries of sequence numbers from `from` up to, but without, `to`, and the checkpoints whose last entry is among them. */
async function readPage({ statements, tenantId }: AuditReader, from: number, to: number): Promise<LogLine[]> {
  const [found = [], signed = []] = await statements.asTenant(tenantId, [
    sql`
      select position::text as seq, encode(leaf_hash, 'base64') as hash, convert_from(entry, 'UTF8') as entry
      from audit_nodes join audit_logs on audit_logs.tenant_id = audit_nodes.tenant_id and audit_logs.id = entry_id
      where audit_nodes.tenant_id = ${tenantId}::uuid and level = 0 and position >= ${from} and position < ${to}
      order by position`,
    sql`
      select size::text, note from audit_checkpoints
      where tenant_id = ${tenantId}::uuid and size > ${from} and size <= ${to} order by audit_checkpoints.size`,
  ]);
  const notes = new Map(checkpoints.parse(signed).map(({ size, note }) => [size, note]));
  const lines = entries.parse(found).flatMap((entry): LogLine[] => {
    const note = notes.get(entry.seq + 1);
    return [{ kind: 'entry', ...entry }, ...(note === undefined ? [] : [{ kind: 'checkpoint', note } as const])];
  });
  if (found.length !== to - from) throw new Error(`${to - from - found.length} entries are missing from ${from} on`);
  return lines;
}

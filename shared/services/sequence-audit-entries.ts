import { sql } from 'drizzle-orm';
import * as z from 'zod';
import type { StatementRunner } from '../db/statement-runner.ts';
import { GrowingTree } from '../domain/audit/growing-tree.ts';
import type { Sha256 } from '../domain/audit/merkle-tree.ts';
import { fromBase64, toBase64 } from '../domain/audit/signed-note.ts';
import type { TreeHead } from '../domain/audit/verify-proofs.ts';
import { edgeSpans, readSpans } from './read-audit-tree.ts';

const tree = z.object({ size: z.coerce.number() });
const pending = z.array(z.object({ id: z.uuid(), leaf_hash: z.string() }));

/**
 * Gives entries that have none their sequence numbers, from the first free one on without a gap, up to `limit` of them, and
 * extends the tenant's tree. Of two runs at once one fails, having done nothing. Answers what the tree is then, as its stored
 * nodes have it.
 */
export async function sequenceAuditEntries(input: {
  readonly statements: StatementRunner;
  readonly sha256: Sha256;
  readonly tenantId: string;
  readonly limit: number;
}): Promise<TreeHead> {
  const { statements, sha256, tenantId, limit } = input;
  const [[stored] = [], entries = []] = await statements.asTenant(tenantId, [
    sql`select size::text from audit_trees where tenant_id = ${tenantId}::uuid`,
    sql`
      select audit_logs.id::text, encode(leaf_hash, 'base64') as leaf_hash from audit_pending
      join audit_logs on audit_logs.tenant_id = audit_pending.tenant_id and audit_logs.id = entry_id
      where audit_pending.tenant_id = ${tenantId}::uuid and not exists (
        select from audit_nodes where audit_nodes.tenant_id = ${tenantId}::uuid and audit_nodes.entry_id = audit_logs.id)
      order by audit_logs.created_at, audit_logs.id limit ${limit}`,
  ]);
  const { size } = tree.parse(stored ?? { size: 0 });
  const edge = readSpans(sha256, tenantId, edgeSpans(size));
  const [nodes = []] = await statements.asTenant(tenantId, [edge.statement]);
  const growing = new GrowingTree(sha256, size, edge.hashesOf(nodes));
  const added = pending.parse(entries).flatMap(({ id, leaf_hash }) =>
    growing.append(fromBase64(leaf_hash) ?? new Uint8Array()).map(({ level, position, hash }) => ({
      ...{ level, position, hash: toBase64(hash), entry_id: level === 0 ? id : null },
    })),
  );
  if (added.length > 0) {
    await statements.asTenant(tenantId, [
      sql`
        insert into audit_trees (tenant_id, size) values (${tenantId}::uuid, ${growing.size})
        on conflict (tenant_id) do update set size = excluded.size`,
      sql`
        insert into audit_nodes (tenant_id, level, position, hash, entry_id)
        select ${tenantId}::uuid, level, position, decode(hash, 'base64'), entry_id
        from jsonb_to_recordset(${JSON.stringify(added)}::jsonb)
          as node (level smallint, position bigint, hash text, entry_id uuid)`,
    ]);
  }
  return { size: growing.size, root: growing.root };
}

import { sql } from 'drizzle-orm';
import * as z from 'zod';
import { logOrigin } from '../domain/audit/checkpoint.ts';
import type { EntryProof } from '../domain/audit/log-lines.ts';
import { inclusionSpans } from '../domain/audit/proof-spans.ts';
import { toBase64 } from '../domain/audit/signed-note.ts';
import { err, ok, type Result } from '../errors/result.ts';
import type { AuditReader } from './export-audit-log.ts';
import { readSpans } from './read-audit-tree.ts';

const covered = z.object({
  entry: z.string(),
  hash: z.string(),
  seq: z.coerce.number().nullable(),
  size: z.coerce.number().nullable(),
  note: z.string().nullable(),
});

/** `uncovered`: it was written too recently; a checkpoint covers it within ten minutes. */
export type ProofRefusal = 'not_found' | 'uncovered';

/** An entry with all that it takes to verify, by the public key alone, that the first checkpoint after it covers it. */
export async function proveAuditEntry(reader: AuditReader, id: string): Promise<Result<EntryProof, ProofRefusal>> {
  const { statements, sha256, region, tenantId } = reader;
  const [[row] = []] = await statements.asTenant(tenantId, [
    sql`
      select convert_from(entry, 'UTF8') as entry, encode(leaf_hash, 'base64') as hash, position::text as seq,
        size::text, note
      from audit_logs
      left join audit_nodes on audit_nodes.tenant_id = audit_logs.tenant_id and entry_id = audit_logs.id and level = 0
      left join lateral (
        select size, note from audit_checkpoints where tenant_id = ${tenantId}::uuid and size > position
        order by audit_checkpoints.size limit 1) as checkpoint on true
      where audit_logs.tenant_id = ${tenantId}::uuid and audit_logs.id = ${id}::uuid`,
  ]);
  if (!row) return err('not_found');
  const { entry, hash, seq, size, note } = covered.parse(row);
  if (seq === null || size === null || note === null) return err('uncovered');
  const { statement, hashesOf } = readSpans(sha256, tenantId, inclusionSpans(seq, size));
  const [nodes = []] = await statements.asTenant(tenantId, [statement]);
  const proof = hashesOf(nodes).map(toBase64);
  return ok({ kind: 'proof', version: 1, origin: logOrigin(region, tenantId), seq, hash, entry, proof, note });
}

import { type SQL, sql } from 'drizzle-orm';
import * as z from 'zod';
import type { StatementRunner } from '../db/statement-runner.ts';
import { type Judge, logOrigin, openCheckpoint, writeCheckpoint } from '../domain/audit/checkpoint.ts';
import { isSameHash } from '../domain/audit/merkle-tree.ts';
import { consistencySpans } from '../domain/audit/proof-spans.ts';
import { type NoteKey, signNote } from '../domain/audit/signed-note.ts';
import { isConsistent, type TreeHead } from '../domain/audit/verify-proofs.ts';
import { err, ok, type Result } from '../errors/result.ts';
import type { AnchorStore } from './anchor-store.ts';
import { readSpans } from './read-audit-tree.ts';
import { sequenceAuditEntries } from './sequence-audit-entries.ts';

/** Entries of one checkpoint: their nodes are one statement. */
const MOST_ENTRIES = 1_000;

const counted = z.object({ size: z.coerce.number() });

export interface SealPorts extends Judge {
  readonly statements: StatementRunner;
  readonly anchors: AnchorStore;
  /** Public keys of 32 bytes by which checkpoints may have been signed: the present one first. */
  readonly publicKeys: readonly [Uint8Array, ...Uint8Array[]];
  sign(message: Uint8Array): Promise<Uint8Array>;
  readonly region: string;
}

/** `rewritten`: what is stored outside is not what the database's tree begins with. Nothing is signed then. */
export type SealRefusal = 'rewritten';

/**
 * Numbers a tenant's new entries, and signs a checkpoint that covers them, if there are any. The checkpoint is stored outside
 * of the database first, and it is signed only if the tree goes on from the last one that is stored there. Safe to be broken
 * off and called again. `isMore`: there are more entries than one checkpoint takes.
 */
export async function sealAuditLog(
  ports: SealPorts,
  tenantId: string,
): Promise<Result<{ readonly size: number; readonly isMore: boolean }, SealRefusal>> {
  const { statements, anchors, sha256, region, sign } = ports;
  const head = await sequenceAuditEntries({ statements, sha256, tenantId, limit: MOST_ENTRIES });
  const [[row] = []] = await statements.asTenant(tenantId, [
    sql`select coalesce(max(size), 0)::text as size from audit_checkpoints where tenant_id = ${tenantId}::uuid`,
  ]);
  const { size: covered } = counted.parse(row);
  const origin = logOrigin(region, tenantId);
  const anchored = await anchors.latest(tenantId, covered);
  if (!(await goesOn(ports, tenantId, { origin, anchored, covered, head }))) return err('rewritten');
  const isNew = head.size > covered;
  if (isNew) {
    const key: NoteKey = { name: origin, publicKey: ports.publicKeys[0] };
    const note = await signNote(sha256, key, writeCheckpoint(origin, head), sign);
    const stored = await anchors.put(tenantId, head.size, note);
    const kept = openCheckpoint(ports, origin, stored);
    if (!kept || !isSameHash(kept.root, head.root)) return err('rewritten');
    await statements.asTenant(tenantId, [
      sql`insert into audit_checkpoints (tenant_id, size, note) values (${tenantId}::uuid, ${head.size}, ${stored})`,
      haveDelivered(tenantId, covered, head.size),
    ]);
  }
  const [, [left] = []] = await statements.asTenant(tenantId, [
    sql`
      delete from audit_pending where tenant_id = ${tenantId}::uuid and entry_id in (
        select entry_id from audit_nodes where tenant_id = ${tenantId}::uuid and level = 0 and position < ${head.size})`,
    sql`select count(*)::text as size from audit_pending where tenant_id = ${tenantId}::uuid`,
  ]);
  return ok({ size: head.size, isMore: isNew && counted.parse(left).size > 0 });
}

/**
 * Has a checkpoint delivered to each of the tenant's destinations, unless all that it covers more than the one before are
 * openings of what deliveries are signed with. Those alone would make a delivery be told of by another delivery, for ever;
 * they go with the next one.
 */
function haveDelivered(tenantId: string, covered: number, size: number): SQL {
  return sql`
    update audit_log_destinations set newest_size = ${size} where tenant_id = ${tenantId}::uuid and exists (
      select from audit_nodes join audit_logs
        on audit_logs.tenant_id = audit_nodes.tenant_id and audit_logs.id = audit_nodes.entry_id
      where audit_nodes.tenant_id = ${tenantId}::uuid and level = 0 and position >= ${covered} and position < ${size}
        and action not in ('audit_log_destination.opened', 'audit_log_destination.open_refused'))`;
}

interface Going {
  readonly origin: string;
  readonly anchored: string | null;
  readonly covered: number;
  readonly head: TreeHead;
}

/** If the tree begins with what the last note outside says, signed by a key of ours. */
async function goesOn(
  ports: SealPorts,
  tenantId: string,
  { origin, anchored, covered, head }: Going,
): Promise<boolean> {
  const { statements, sha256 } = ports;
  if (anchored === null) return covered === 0;
  const older = openCheckpoint(ports, origin, anchored);
  if (!older || older.size > head.size) return false;
  const spans = consistencySpans(older.size, head.size);
  const { statement, hashesOf } = readSpans(sha256, tenantId, spans);
  const [rows = []] = await statements.asTenant(tenantId, [statement]);
  return isConsistent(sha256, older, head, hashesOf(rows));
}

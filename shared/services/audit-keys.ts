import { sql } from 'drizzle-orm';
import * as z from 'zod';
import type { StatementRunner } from '../db/statement-runner.ts';
import { fromBase64, toBase64 } from '../domain/audit/signed-note.ts';

const rows = z.array(z.object({ public_key: z.string(), created_at: z.string() }));

/** A public key that checkpoints are, or were, signed by. */
export interface AuditKey {
  /** 32 bytes of Ed25519, base64. */
  readonly publicKey: string;
  /** Since when, ISO 8601. */
  readonly since: string;
}

/** All keys that were ever signed by in this region, the newest first. */
export async function listAuditKeys(statements: Pick<StatementRunner, 'run'>): Promise<AuditKey[]> {
  const found = await statements.run(sql`
    select public_key, to_char(created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as created_at
    from audit_keys order by audit_keys.created_at desc`);
  return rows.parse(found).map(({ public_key: publicKey, created_at: since }) => ({ publicKey, since }));
}

/** Notes that checkpoints are signed by a key; answers it with those from before. As `eufm_ledger`. */
export async function enterAuditKey(
  statements: Pick<StatementRunner, 'run'>,
  publicKey: Uint8Array,
): Promise<readonly [Uint8Array, ...Uint8Array[]]> {
  const present = toBase64(publicKey);
  await statements.run(
    sql`insert into audit_keys (public_key) values (${present}) on conflict (public_key) do nothing`,
  );
  const known = await listAuditKeys(statements);
  const earlier = known.flatMap((key) => (key.publicKey === present ? [] : (fromBase64(key.publicKey) ?? [])));
  return [publicKey, ...earlier];
}

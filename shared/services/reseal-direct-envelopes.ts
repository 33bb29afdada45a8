import { sql } from 'drizzle-orm';
import * as z from 'zod';
import type { SealContext, VaultRpc } from '../contracts/rpc.ts';
import { DIRECT_ENVELOPE_START } from '../crypto/direct-envelope.ts';
import { clientSecret, providerCredentials, tenantSecret } from '../crypto/seal-contexts.ts';
import type { StatementRunner } from '../db/statement-runner.ts';

/** Sealed values of one step: each is two calls of the vault's. */
const PAGE_SIZE = 50;

/** Before every row's id. */
const FIRST_ID = '00000000-0000-0000-0000-000000000000';

/** Where sealed values are. The data plane is told of a change where it has a copy. */
const PLACES: readonly ((tenantId: string, id: string) => SealContext)[] = [
  providerCredentials,
  clientSecret,
  tenantSecret,
];

const sealedRows = z.array(z.object({ id: z.uuid(), sealed: z.string() }));

/** How many were sealed again, how many could not be. */
export interface Resealing {
  readonly resealed: number;
  readonly refused: readonly { readonly table: string; readonly id: string; readonly reason: string }[];
}

/**
 * Has the vault seal again, under the tenant's key, what is sealed directly under a key-encryption key. A value that was
 * changed meanwhile is left alone. Throws when the vault, or the KMS behind it, is away. Run again, it goes on.
 */
export async function resealDirectEnvelopes(input: {
  readonly statements: StatementRunner;
  readonly vault: Pick<VaultRpc, 'reseal'>;
  readonly tenantId: string;
}): Promise<Resealing> {
  const { statements, vault, tenantId } = input;
  const refused: { table: string; id: string; reason: string }[] = [];
  let resealed = 0;
  for (const placeOf of PLACES) {
    for (let after = FIRST_ID; ; ) {
      const { table, column } = placeOf(tenantId, after);
      const rows = await listDirect(statements, { tenantId, table, column, after });
      for (const { id, sealed } of rows) {
        const again = await vault.reseal(placeOf(tenantId, id), sealed);
        if (again.ok)
          resealed += await replace(statements, { tenantId, id, table, column, sealed, again: again.value });
        else if (again.error.reason === 'unavailable') throw new Error('the key-encryption key is not available');
        else refused.push({ table, id, reason: again.error.reason });
      }
      const last = rows.at(-1);
      if (rows.length < PAGE_SIZE || !last) break;
      after = last.id;
    }
  }
  return { resealed, refused };
}

async function listDirect(
  statements: StatementRunner,
  { tenantId, table, column, after }: Record<'tenantId' | 'table' | 'column' | 'after', string>,
) {
  const [name, sealed] = [sql.identifier(table), sql.identifier(column)];
  const [rows] = await statements.asTenant(tenantId, [
    sql`select id::text, ${sealed} as sealed from ${name}
        where tenant_id = ${tenantId}::uuid and id > ${after}::uuid and starts_with(${sealed}, ${DIRECT_ENVELOPE_START})
        order by ${name}.id limit ${PAGE_SIZE}`,
  ]);
  return sealedRows.parse(rows);
}

interface Replacement {
  readonly tenantId: string;
  readonly id: string;
  readonly table: string;
  readonly column: string;
  readonly sealed: string;
  readonly again: string;
}

async function replace(
  statements: StatementRunner,
  { tenantId, id, table, column, sealed, again }: Replacement,
): Promise<number> {
  const name = sql.identifier(column);
  const [, rows] = await statements.asTenant(tenantId, [
    sql`select from tenants where id = ${tenantId}::uuid for no key update`,
    sql`with replaced as (
          update ${sql.identifier(table)} set ${name} = ${again}
          where tenant_id = ${tenantId}::uuid and id = ${id}::uuid and ${name} = ${sealed} returning id
        ), raised as (
          update tenants set config_version = config_version + 1, updated_at = now()
          where id = ${tenantId}::uuid and exists (select from replaced)
        )
        select id::text from replaced`,
  ]);
  return rows?.length ?? 0;
}

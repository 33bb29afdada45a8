import { type SQL, sql } from 'drizzle-orm';
import { uuidv7 } from 'uuidv7';
import * as z from 'zod';
import type { OpenRefusal, SealContext } from '../contracts/rpc.ts';
import { webhookSigningSecret } from '../crypto/seal-contexts.ts';
import { newWebhookSecret } from '../crypto/webhook-signature.ts';
import type { StatementRunner } from '../db/statement-runner.ts';
import { err, ok, type Result } from '../errors/result.ts';
import { takesEntries } from './takes-entries.ts';

export interface SigningPorts {
  readonly statements: StatementRunner;
  /** Fails closed: without it nothing is signed, and nothing is sent. */
  readonly vault: {
    open(context: SealContext, sealed: string): Promise<Result<string, OpenRefusal>>;
    seal(context: SealContext, plaintext: string): Promise<string>;
  };
  readonly now: () => Date;
}

const rows = z.array(z.object({ id: z.uuid(), sealed: z.string() }));
type SealedSecrets = z.infer<typeof rows>;

/**
 * What a tenant's deliveries are signed with now: the secret in force, then those that it replaced and that have not expired.
 * A tenant that has none gets its first, of which two runs at once make one.
 */
export async function openSigningSecrets(
  ports: SigningPorts,
  tenantId: string,
): Promise<Result<readonly string[], OpenRefusal>> {
  const sealed = await readOrMake(ports, tenantId);
  const opened = await Promise.all(
    sealed.map((row) => ports.vault.open(webhookSigningSecret(tenantId, row.id), row.sealed)),
  );
  const secrets: string[] = [];
  for (const each of opened) {
    if (!each.ok) return err(each.error);
    secrets.push(each.value);
  }
  return ok(secrets);
}

async function readOrMake(ports: SigningPorts, tenantId: string): Promise<SealedSecrets> {
  const { statements, vault } = ports;
  const [found] = await statements.asTenant(tenantId, [select(ports, tenantId)]);
  const known = rows.parse(found);
  if (known.length > 0) return known;
  const id = uuidv7();
  const sealed = await vault.seal(webhookSigningSecret(tenantId, id), newWebhookSecret());
  const [, made] = await statements.asTenant(tenantId, [insert(tenantId, id, sealed), select(ports, tenantId)]);
  return rows.parse(made);
}

function select({ now }: SigningPorts, tenantId: string): SQL {
  return sql`
    select id::text as id, encrypted_secret as sealed from webhook_signing_secrets
    where tenant_id = ${tenantId}::uuid and (expires_at is null or expires_at > ${now().toISOString()}::timestamptz)
    order by expires_at desc nulls first, id`;
}

/** With its entry of the audit log, which has no actor: the platform makes it by itself. */
function insert(tenantId: string, id: string, sealed: string): SQL {
  return sql`
    with made as (
      insert into webhook_signing_secrets (tenant_id, id, encrypted_secret)
      select id, ${id}::uuid, ${sealed} from tenants where id = ${tenantId}::uuid and ${takesEntries}
      on conflict do nothing returning tenant_id, id
    )
    insert into audit_logs (id, tenant_id, action, target_type, target_id)
    select ${uuidv7()}::uuid, tenant_id, 'webhook_signing_secret.created', 'webhook_signing_secret', id from made`;
}

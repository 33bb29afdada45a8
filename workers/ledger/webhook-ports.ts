import type { OpenRefusal, SealContext, VaultRpc } from '../../shared/contracts/rpc.ts';
import type { Result } from '../../shared/errors/result.ts';
import { ExpiringMap } from '../../shared/platform/expiring-map.ts';
import type { WebhookPorts } from '../../shared/services/deliver-webhooks.ts';
import { createDeliveryPorts } from './audit-ports.ts';
import { OPENED_SECRETS, SECRET_KEPT_MS } from './constants.ts';
import type { LedgerEnv } from './env.ts';

/** Signing secrets that the isolate has opened, by their envelopes: each opening is an entry of the tenant's audit log. */
const opened = new ExpiringMap<string, string>(OPENED_SECRETS, () => Date.now());

/** What webhooks and callbacks are delivered with. */
export function createWebhookPorts(env: LedgerEnv): WebhookPorts {
  const { logger, statements, now, fetch, random, retryAfterMs } = createDeliveryPorts(env);
  const seal = (context: SealContext, plaintext: string) => env.VAULT.seal(context, plaintext);
  const open = (context: SealContext, sealed: string) => openOnce(env.VAULT, context, sealed);
  return { logger, statements, now, fetch, random, retryAfterMs, vault: { open, seal } };
}

async function openOnce(vault: VaultRpc, context: SealContext, sealed: string): Promise<Result<string, OpenRefusal>> {
  const known = opened.get(sealed, SECRET_KEPT_MS);
  if (known !== undefined) return { ok: true, value: known };
  const result = await vault.open(context, sealed);
  if (result.ok) opened.set(sealed, result.value);
  return result;
}

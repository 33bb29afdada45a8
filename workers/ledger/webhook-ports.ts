import type { SealContext } from '../../shared/contracts/rpc.ts';
import type { WebhookPorts } from '../../shared/services/deliver-webhooks.ts';
import { createDeliveryPorts } from './audit-ports.ts';
import type { LedgerEnv } from './env.ts';
import { OpenedSecrets } from './opened-secrets.ts';

/** What the isolate has opened, whichever invocation it was for. */
const opened = new OpenedSecrets(() => Date.now());

/** What webhooks and callbacks are delivered with. */
export function createWebhookPorts(env: LedgerEnv): WebhookPorts {
  const { logger, statements, now, fetch, random, retryAfterMs } = createDeliveryPorts(env);
  const seal = (context: SealContext, plaintext: string) => env.VAULT.seal(context, plaintext);
  const open = (context: SealContext, sealed: string) => opened.open(env.VAULT, context, sealed);
  return { logger, statements, now, fetch, random, retryAfterMs, vault: { open, seal } };
}

import { importSigningKey, type SigningKey, verifyEd25519 } from '../../shared/crypto/ed25519.ts';
import { sha256 } from '../../shared/crypto/sha256.ts';
import { createDatabase } from '../../shared/db/client.ts';
import { statementsOver } from '../../shared/db/statement-runner.ts';
import { createLogger, type Logger } from '../../shared/platform/logger.ts';
import { publicFetch } from '../../shared/platform/public-fetch.ts';
import { retryAfterMs } from '../../shared/providers/http/retry-after.ts';
import type { DeliveryPorts } from '../../shared/services/deliver-checkpoints.ts';
import type { SealPorts } from '../../shared/services/seal-audit-log.ts';
import { anchorsIn } from './anchors-in.ts';
import type { LedgerEnv } from './env.ts';

/** What audit logs are sealed with. */
export interface AuditPorts extends Omit<SealPorts, 'publicKeys' | 'sign'> {
  readonly logger: Logger;
  readonly now: () => Date;
  /** Throws when the secret is not a key. */
  signingKey(): Promise<SigningKey>;
}

export function createAuditPorts(env: LedgerEnv): AuditPorts {
  const { DATABASE_URL: databaseUrl, NEON_ENDPOINT: neonEndpoint } = env;
  return {
    logger: createLogger({ service: 'ledger', level: env.LOG_LEVEL }),
    statements: statementsOver(createDatabase({ databaseUrl, neonEndpoint })),
    anchors: anchorsIn(env.AUDIT_ANCHORS),
    sha256,
    verify: verifyEd25519,
    signingKey: () => importSigningKey(env.AUDIT_SIGNING_KEY),
    region: env.REGION,
    now: () => new Date(),
  };
}

/** What checkpoints are delivered with. */
export function createDeliveryPorts(env: LedgerEnv): DeliveryPorts & { readonly logger: Logger } {
  const { logger, statements, now } = createAuditPorts(env);
  const allowsPrivate = env.ALLOW_PRIVATE_UPSTREAMS === 'true';
  return {
    ...{ logger, statements, now, vault: env.VAULT },
    fetch: publicFetch((input, init) => fetch(input, init), allowsPrivate),
    random: () => Math.random(),
    retryAfterMs,
  };
}

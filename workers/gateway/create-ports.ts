import { sql } from 'drizzle-orm';
import { tenantGate } from '../../durable-objects/stubs.ts';
import { createDatabase } from '../../shared/db/client.ts';
import { createLogger } from '../../shared/platform/logger.ts';
import { spansFor } from '../../shared/platform/native-spans.ts';
import { findMember } from '../../shared/services/find-member.ts';
import { loadTenantSnapshot } from '../../shared/services/load-tenant-snapshot.ts';
import { TenantSessions } from './admission/tenant-sessions.ts';
import { type GatewayEnv, parseSettings } from './env.ts';
import { createAccessTokenVerifier } from './identity/access-token-verifier.ts';
import { ApiKeyDirectory } from './identity/api-key-directory.ts';
import { TenantDirectory } from './identity/tenant-directory.ts';
import { CredentialCache } from './pipeline/credential-cache.ts';
import { RetryBudgets } from './pipeline/retry-budgets.ts';
import type { GatewayPorts } from './ports.ts';

/** Builds the gateway's ports from its bindings. Does no I/O; throws on a missing or malformed setting. */
export function createPorts(env: GatewayEnv): GatewayPorts {
  const settings = parseSettings(env);
  const now = () => Date.now();
  const db = createDatabase({ databaseUrl: env.DATABASE_URL, neonEndpoint: env.NEON_ENDPOINT });
  const gate = (tenantId: string, shard = 0) => tenantGate(env, tenantId, shard);
  const tenants = new TenantDirectory({ gate, load: (tenantId) => loadTenantSnapshot({ db, tenantId }), now });
  const logger = createLogger({ service: 'gateway', level: env.LOG_LEVEL });
  const sessions = new TenantSessions({
    ...{ gate, now },
    onNews: (tenantId, news, isKnown) => tenants.hear(tenantId, news, isKnown),
    onFailure: (tenantId, error) => logger.error('settle.failed', { tenantId, error }),
  });
  return {
    settings,
    logger,
    spans: spansFor(env.NATIVE_TRACING),
    fetch: (input, init) => fetch(input, init),
    now,
    gate,
    vault: env.VAULT,
    credentials: new CredentialCache(env.VAULT, now),
    retryBudgets: new RetryBudgets(now),
    sessions,
    tenants,
    apiKeys: new ApiKeyDirectory(env.API_KEY_PEPPER, tenants, now),
    verifyAccessToken: createAccessTokenVerifier({
      issuer: settings.oidcIssuer,
      jwksUrl: settings.oidcJwksUrl,
      audience: settings.oidcAudience,
    }),
    findMember: (tenantId, claims) => findMember({ db, tenantId, ...claims }),
    db,
    probes: {
      postgres: async () => {
        await db.execute(sql`select 1`);
      },
      identity: async () => {
        const response = await fetch(settings.oidcJwksUrl, { redirect: 'manual' });
        await response.body?.cancel();
        if (!response.ok) throw new Error(`the identity provider answered ${response.status}`);
      },
    },
  };
}

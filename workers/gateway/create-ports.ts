import { sql } from 'drizzle-orm';
import {
  eventHub,
  idempotencyStore,
  responseCache,
  responseCaches,
  taskRunner,
  tenantGate,
} from '../../durable-objects/stubs.ts';
import { createDatabase } from '../../shared/db/client.ts';
import { createLogger } from '../../shared/platform/logger.ts';
import { lookUpTxtAt } from '../../shared/platform/look-up-txt.ts';
import { publicFetch } from '../../shared/platform/public-fetch.ts';
import { findMembership } from '../../shared/services/find-membership.ts';
import { loadIdentityProviders } from '../../shared/services/load-identity-providers.ts';
import { loadTenantSnapshot } from '../../shared/services/load-tenant-snapshot.ts';
import { publishTenant } from '../../shared/services/publish-configuration.ts';
import { recordKeyUses } from '../../shared/services/record-key-uses.ts';
import { Denials } from './audit/denials.ts';
import { type GatewayEnv, parseSettings } from './env.ts';
import { createAccessTokenVerifier } from './identity/access-token-verifier.ts';
import { ApiKeyDirectory } from './identity/api-key-directory.ts';
import { IdentityProviderDirectory } from './identity/identity-provider-directory.ts';
import { KeyUses } from './identity/key-uses.ts';
import { OpenIdIssuers } from './identity/openid-issuers.ts';
import { createSmtpMailer } from './mail/smtp-mailer.ts';
import { createPipelinePorts } from './pipeline/create-pipeline-ports.ts';
import type { GatewayPorts } from './ports.ts';

/** Builds the gateway's ports from its bindings. Does no I/O; throws on a missing or malformed setting. */
export function createPorts(env: GatewayEnv): GatewayPorts {
  const settings = parseSettings(env);
  const now = () => Date.now();
  const db = createDatabase({ databaseUrl: env.DATABASE_URL, neonEndpoint: env.NEON_ENDPOINT });
  const gate = (tenantId: string, shard = 0) => tenantGate(env, tenantId, shard);
  const logger = createLogger({ service: 'gateway', level: env.LOG_LEVEL });
  const upstream = publicFetch((input, init) => fetch(input, init), settings.allowsPrivateUpstreams);
  const pipeline = createPipelinePorts({
    ...{ gate, logger, vault: env.VAULT, nativeTracing: env.NATIVE_TRACING },
    load: (tenantId) => loadTenantSnapshot({ db, tenantId }),
    fetch: upstream,
    findMembership: (tenantId, userId) => findMembership({ db, tenantId, userId }),
    responseCache: (tenantId, familyHash) => responseCache(env, tenantId, familyHash),
  });
  const issuers = new OpenIdIssuers({
    fetch: upstream,
    now,
    allowsPrivate: settings.allowsPrivateUpstreams,
    platform: { issuer: settings.oidcIssuer, jwksUrl: settings.oidcJwksUrl },
  });
  const providers = new IdentityProviderDirectory({
    platform: {
      issuer: settings.oidcIssuer,
      clientId: settings.oidcClientId,
      clientSecret: env.OIDC_CLIENT_SECRET,
    },
    load: (tenantId) => loadIdentityProviders({ db, tenantId }),
    vault: env.VAULT,
    now,
  });
  return {
    ...pipeline,
    settings,
    logger,
    gate,
    responseCaches: (tenantId) => responseCaches(env, tenantId),
    idempotencyStore: (scope, shard) => idempotencyStore(env, scope, shard),
    vault: env.VAULT,
    taskRunner: (tenantId, runner) => taskRunner(env, tenantId, runner),
    eventHub: (tenantId, shard) => eventHub(env, tenantId, shard),
    apiKeys: new ApiKeyDirectory(env.API_KEY_PEPPER, pipeline.tenants, now),
    keyUses: new KeyUses({
      write: (uses) => recordKeyUses(db, uses),
      onFailure: (error) => logger.warn('key_uses.not_written', { error }),
      now,
      wait: (ms) => scheduler.wait(ms),
    }),
    denials: new Denials({
      tell: async (tenantId, denials) => {
        if (await gate(tenantId).deny(denials)) return;
        await publishTenant({ db, gate: gate(tenantId), tenantId });
        await gate(tenantId).deny(denials);
      },
      onFailure: (tenantId, lost, error) => logger.error('denials.not_told', { tenantId, lost, error }),
      now,
      wait: (ms) => scheduler.wait(ms),
    }),
    verifyAccessToken: createAccessTokenVerifier({ issuers, providers, audience: settings.oidcAudience, now }),
    identityProviders: providers,
    issuers,
    db,
    lookUpTxt: lookUpTxtAt(settings.dnsResolverUrl, (url, init) => fetch(url, init)),
    mailer: env.SMTP_URL ? createSmtpMailer(env.SMTP_URL) : null,
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

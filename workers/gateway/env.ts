import * as z from 'zod';
import type {
  CacheBindings,
  EventBindings,
  IdempotencyBindings,
  StubBindings,
  TaskStubBindings,
} from '../../durable-objects/stubs.ts';
import { regionName } from '../../shared/contracts/names.ts';
import type { VaultRpc } from '../../shared/contracts/rpc.ts';
import type { PlatformVars } from '../../shared/platform/platform-vars.ts';

/** Bindings of the `gateway` script. */
export interface GatewayEnv
  extends PlatformVars,
    StubBindings,
    CacheBindings,
    IdempotencyBindings,
    TaskStubBindings,
    EventBindings {
  readonly VERSION: string;
  readonly COMMIT: string;
  readonly BUILT_AT: string;
  readonly REGION_URLS: string;
  readonly CORS_ORIGINS: string;
  readonly OIDC_ISSUER: string;
  readonly OIDC_JWKS_URL: string;
  readonly OIDC_AUDIENCE: string;
  readonly OIDC_CLIENT_ID: string;
  readonly OIDC_CLIENT_SECRET: string;
  readonly DNS_RESOLVER_URL: string;
  readonly NEON_ENDPOINT: string;
  /** `true` in development only: tenants' URLs may be of private networks, and without TLS. */
  readonly ALLOW_PRIVATE_UPSTREAMS: string;
  readonly DATABASE_URL: string;
  readonly API_KEY_PEPPER: string;
  /** A secret that a deployment may do without: `smtp(s)://user:password@host:port?from=sender@example.com`. */
  readonly SMTP_URL?: string;
  readonly VAULT: VaultRpc;
  readonly ASSETS: Fetcher;
}

const settingsShape = z.object({
  region: regionName,
  /** Of the objects; null where they have none, as on a developer's machine. */
  jurisdiction: z.union([regionName, z.literal('').transform(() => null)]),
  version: z.string(),
  commit: z.string(),
  builtAt: z.string(),
  regionUrls: z.partialRecord(regionName, z.url()),
  corsOrigins: z.array(z.string()),
  oidcIssuer: z.url(),
  oidcJwksUrl: z.url(),
  oidcAudience: z.string().min(1),
  oidcClientId: z.string().min(1),
  dnsResolverUrl: z.url(),
  allowsPrivateUpstreams: z.enum(['true', 'false']).transform((text) => text === 'true'),
});
export type GatewaySettings = z.infer<typeof settingsShape>;

/** Reads the vars; throws, and so refuses every request, when one is missing or malformed. */
export function parseSettings(env: GatewayEnv): GatewaySettings {
  return settingsShape.parse({
    region: env.REGION,
    jurisdiction: env.JURISDICTION,
    version: env.VERSION,
    commit: env.COMMIT,
    builtAt: env.BUILT_AT,
    regionUrls: JSON.parse(env.REGION_URLS),
    corsOrigins: env.CORS_ORIGINS.split(',').filter((origin) => origin !== ''),
    oidcIssuer: env.OIDC_ISSUER,
    oidcJwksUrl: env.OIDC_JWKS_URL,
    oidcAudience: env.OIDC_AUDIENCE,
    oidcClientId: env.OIDC_CLIENT_ID,
    dnsResolverUrl: env.DNS_RESOLVER_URL,
    allowsPrivateUpstreams: env.ALLOW_PRIVATE_UPSTREAMS,
  });
}

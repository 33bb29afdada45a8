import type { WorkerName } from './build-workers.ts';
import type { Secrets } from './secrets.ts';
import type { Settings } from './settings.ts';
import { readVersion } from './version.ts';

export interface BindingsOptions {
  readonly settings: Settings;
  readonly secrets: Secrets;
  readonly databaseUrl: string;
  readonly neonEndpoint: string;
  readonly identity: { readonly issuer: string; readonly jwksUrl: string };
  readonly audience: string;
}

/** The vars that differ from those in wrangler.toml, and the secrets, each for the scripts that hold it and no other. */
export function bindingsOf(options: BindingsOptions): Record<WorkerName, Record<string, string>> {
  const { settings, secrets, identity } = options;
  const connectAs = (role: string, password: string) => {
    const url = new URL(options.databaseUrl);
    url.username = role;
    url.password = password;
    return { DATABASE_URL: url.href, NEON_ENDPOINT: options.neonEndpoint };
  };
  return {
    'eufm-gateway': {
      ...settings.vars,
      ...settings.mail,
      ...settings.dns,
      ...readVersion(settings.root),
      REGION_URLS: JSON.stringify({ eu: `http://localhost:${settings.port}` }), // where links in invitations lead
      ...connectAs('eufm_app', secrets.appPassword),
      API_KEY_PEPPER: secrets.apiKeyPepper,
      OIDC_CLIENT_SECRET: secrets.oidcClientSecret,
      OIDC_ISSUER: identity.issuer,
      OIDC_JWKS_URL: identity.jwksUrl,
      OIDC_AUDIENCE: options.audience,
      ALLOW_PRIVATE_UPSTREAMS: 'true',
    },
    'eufm-providers': { ...settings.vars, ALLOW_PRIVATE_UPSTREAMS: 'true', VAULT_KEYS: secrets.vaultKeys },
    'eufm-ledger': {
      ...settings.vars,
      ...settings.dns,
      ...connectAs('eufm_ledger', secrets.ledgerPassword),
      AUDIT_SIGNING_KEY: secrets.auditSigningKey,
      ALLOW_PRIVATE_UPSTREAMS: 'true',
    },
    'eufm-state': { ...settings.vars },
  };
}

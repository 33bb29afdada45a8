import { once } from 'node:events';
import { createServer } from 'node:http';
import { Provider } from 'oidc-provider';
import { createMemoryAdapter } from 'oidc-provider/lib/adapters/memory_adapter.js';

const HOST = '127.0.0.1';
const ACCESS_TOKEN_TTL_S = 24 * 60 * 60;
const CLIENT_ID = 'eufm-start';

export interface IdentityProviderOptions {
  readonly port: number;
  /** Private signing keys (RS256); the public halves are served. */
  readonly jwks: { readonly keys: readonly object[] };
  /** Audience of the access tokens: the resource that they are for. */
  readonly audience: string;
  readonly administrator: { readonly subject: string; readonly email: string; readonly name: string };
}

export interface IdentityProvider {
  readonly issuer: string;
  readonly jwksUrl: string;
  /** A signed access token (RFC 9068) of 24 hours for a subject, as the provider would issue it after a login. */
  mintAccessToken(subject: string): Promise<string>;
  close(): Promise<void>;
}

/**
 * A certified OpenID Connect provider on loopback: discovery, JWKS, and JWT access tokens for our API. It knows one
 * person and has no login page; tokens come from `mintAccessToken`. Nothing is kept but the signing keys.
 */
export async function startIdentityProvider(options: IdentityProviderOptions): Promise<IdentityProvider> {
  const { audience, administrator } = options;
  const issuer = `http://${HOST}:${options.port}`;
  const resource = {
    audience,
    accessTokenFormat: 'jwt' as const,
    accessTokenTTL: ACCESS_TOKEN_TTL_S,
    jwt: { sign: { alg: 'RS256' } },
  };
  const provider = new Provider(issuer, {
    adapter: createMemoryAdapter(0),
    jwks: options.jwks,
    clients: [
      {
        client_id: CLIENT_ID,
        token_endpoint_auth_method: 'none',
        grant_types: [],
        response_types: [],
        redirect_uris: [],
      },
    ],
    features: {
      devInteractions: { enabled: false },
      resourceIndicators: { enabled: true, getResourceServerInfo: () => resource },
    },
    ttl: { AccessToken: ACCESS_TOKEN_TTL_S },
    findAccount: (_context: unknown, subject: string) =>
      subject === administrator.subject
        ? { accountId: subject, claims: () => ({ sub: subject, email: administrator.email, name: administrator.name }) }
        : undefined,
  });
  const server = createServer(provider.callback());
  server.listen(options.port, HOST);
  await once(server, 'listening');
  return {
    issuer,
    jwksUrl: `${issuer}/jwks`,
    async mintAccessToken(subject) {
      const client = await provider.Client.find(CLIENT_ID);
      const token = new provider.AccessToken({ accountId: subject, client, scope: 'openid' });
      token.resourceServer = new provider.ResourceServer(audience, resource);
      return token.save();
    },
    async close() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { Provider } from 'oidc-provider';
import { createMemoryAdapter } from 'oidc-provider/lib/adapters/memory_adapter.js';
import { type KnownPerson, loginPage, page } from './login-page.ts';

const HOST = '127.0.0.1';
const ACCESS_TOKEN_TTL_S = 24 * 60 * 60;
const FORM_MAX_BYTES = 10_000;
const LOGIN_PATH = /^\/sign-in\/([\w-]+)$/;

export interface IdentityProviderOptions {
  readonly port: number;
  /** Private signing keys (RS256); the public halves are served. */
  readonly jwks: { readonly keys: readonly object[] };
  /** Audience of the access tokens: the resource that they are for. */
  readonly audience: string;
  readonly administrator: { readonly subject: string; readonly email: string; readonly name: string };
  /** Our site as its client, and the origins that it is at. */
  readonly client: { readonly id: string; readonly secret: string; readonly origins: readonly string[] };
  /** Where to tell our site that a person signed out. */
  readonly backchannelLogoutUri: string;
}

export interface IdentityProvider {
  readonly issuer: string;
  readonly jwksUrl: string;
  /** A signed access token (RFC 9068) of 24 hours for a subject, as the provider would issue it after a login. */
  mintAccessToken(subject: string): Promise<string>;
  close(): Promise<void>;
}

/**
 * A certified OpenID Connect provider on loopback, with a login page on which people say who they are. An e-mail address
 * is always the same person; all are said to be verified. Nothing is kept but the signing keys.
 */
export async function startIdentityProvider(options: IdentityProviderOptions): Promise<IdentityProvider> {
  const { audience, client } = options;
  const issuer = `http://${HOST}:${options.port}`;
  const resource = {
    audience,
    accessTokenFormat: 'jwt' as const,
    accessTokenTTL: ACCESS_TOKEN_TTL_S,
    jwt: { sign: { alg: 'RS256' } },
  };
  const people = new People(options.administrator);
  const provider = new Provider(issuer, {
    adapter: createMemoryAdapter(0),
    jwks: options.jwks,
    clients: [
      {
        client_id: client.id,
        client_secret: client.secret,
        grant_types: ['authorization_code'],
        response_types: ['code'],
        redirect_uris: client.origins.map((origin) => `${origin}/v1/auth/callback`),
        post_logout_redirect_uris: client.origins.map((origin) => `${origin}/`),
        backchannel_logout_uri: options.backchannelLogoutUri,
        backchannel_logout_session_required: true,
      },
    ],
    // Its own refuses addresses of this machine, where our site is.
    fetch: (url: string, { dispatcher: _, ...init }: RequestInit & { dispatcher?: unknown }) => fetch(url, init),
    cookies: { keys: [randomBytes(32).toString('hex')] },
    claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name'] },
    features: {
      devInteractions: { enabled: false },
      resourceIndicators: { enabled: true, getResourceServerInfo: () => resource },
      backchannelLogout: { enabled: true },
      rpInitiatedLogout: {
        enabled: true,
        logoutSource: (context: { body: unknown }, form: string) => {
          context.body = page(
            'Sign out',
            `${form}<button form="op.logoutForm" name="logout" value="yes">Sign out</button>`,
          );
        },
        postLogoutSuccessSource: (context: { body: unknown }) => {
          context.body = page('Signed out', '<p>You are signed out.</p>');
        },
      },
    },
    pkce: { required: () => true },
    ttl: {
      AccessToken: ACCESS_TOKEN_TTL_S,
      Interaction: 3_600,
      Session: ACCESS_TOKEN_TTL_S,
      Grant: ACCESS_TOKEN_TTL_S,
      IdToken: 3_600,
    },
    interactions: { url: (_context: unknown, { uid }: { uid: string }) => `/sign-in/${uid}` },
    findAccount: (_context: unknown, subject: string) => people.account(subject),
    loadExistingGrant: async ({ oidc }: GrantContext) => {
      const grant = new provider.Grant({ clientId: oidc.client.clientId, accountId: oidc.session.accountId });
      grant.addOIDCScope('openid email profile');
      await grant.save();
      return grant;
    },
  });
  const serve = provider.callback();
  const server = createServer((request, response) => {
    if (!LOGIN_PATH.test(request.url ?? '')) return serve(request, response);
    serveLogin(provider, people, request, response).catch((error: Error) => {
      response.writeHead(400, { 'content-type': 'text/html; charset=utf-8' });
      response.end(page('Not signed in', `<p>This sign-in is over. Begin again.</p><!-- ${error.name} -->`));
    });
  });
  server.listen(options.port, HOST);
  await once(server, 'listening');
  return {
    issuer,
    jwksUrl: `${issuer}/jwks`,
    async mintAccessToken(subject) {
      const owner = await provider.Client.find(client.id);
      const token = new provider.AccessToken({ accountId: subject, client: owner, scope: 'openid' });
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

/** What `loadExistingGrant` is told of. */
interface GrantContext {
  readonly oidc: { readonly client: { readonly clientId: string }; readonly session: { readonly accountId: string } };
}

/** What an address begins with that this identity provider says it has not verified. */
const UNVERIFIED = 'unverified';

/** Who was here: by their subjects, which are their addresses, but for the administrator's. */
class People {
  readonly #bySubject = new Map<string, KnownPerson>();
  readonly #administrator: IdentityProviderOptions['administrator'];

  constructor(administrator: IdentityProviderOptions['administrator']) {
    this.#administrator = administrator;
    this.#bySubject.set(administrator.subject, administrator);
  }

  all(): KnownPerson[] {
    return [...this.#bySubject.values()];
  }

  /** Takes a person's word for who they are; answers their subject. */
  meet(email: string, name: string): string {
    const { subject: ofAdministrator, email: address } = this.#administrator;
    if (email.toLowerCase() === address.toLowerCase()) return ofAdministrator;
    const subject = email.toLowerCase();
    const known = this.#bySubject.get(subject);
    this.#bySubject.set(subject, { email: subject, name: name || known?.name || (email.split('@')[0] ?? email) });
    return subject;
  }

  account(subject: string) {
    const person = this.#bySubject.get(subject);
    if (!person) return undefined;
    const { email, name } = person;
    const isVerified = !email.startsWith(UNVERIFIED);
    return { accountId: subject, claims: () => ({ sub: subject, email, email_verified: isVerified, name }) };
  }
}

/** The login page, and what is sent from it. */
async function serveLogin(provider: Provider, people: People, request: IncomingMessage, response: ServerResponse) {
  const { prompt } = await provider.interactionDetails(request, response);
  if (prompt.name !== 'login') throw new Error(`there is no page for "${prompt.name}"`);
  if (request.method !== 'POST') {
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' });
    response.end(loginPage(request.url ?? '', people.all()));
    return;
  }
  const form = await readForm(request);
  const email = form.get('email')?.trim() ?? '';
  if (!/^[^\s@]+@[^\s@]+$/.test(email)) throw new Error('no address');
  const accountId = people.meet(email, form.get('name')?.trim() ?? '');
  await provider.interactionFinished(request, response, { login: { accountId } }, { mergeWithLastSubmission: false });
}

async function readForm(request: IncomingMessage): Promise<URLSearchParams> {
  let text = '';
  for await (const chunk of request) {
    text += String(chunk);
    if (text.length > FORM_MAX_BYTES) throw new Error('a form of that size was not sent from here');
  }
  return new URLSearchParams(text);
}

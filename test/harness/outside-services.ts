import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { LLMock } from '@copilotkit/aimock';
import { exportJWK, generateKeyPair } from 'jose';
import { startIdentityProvider } from '../../scripts/dev/identity-provider.ts';
import { teach } from '../conformance/vendor-mock.ts';
import { startDnsResolver } from './dns-resolver.ts';
import { findFreePort } from './free-port.ts';
import { startMailServer } from './mail-server.ts';
import { startTestServer } from './postgres.ts';
import { startScriptedProvider } from './scripted-provider.ts';

const AUDIENCE = 'urn:eufm:api';
const MEMBER_SUBJECT = 'member-1';

/**
 * What the Workers tests find outside, all on loopback: a real Postgres, a provider mock, a real identity provider.
 * Writes their addresses as one line of JSON, and serves until its standard input ends.
 */
async function main(): Promise<void> {
  await using started = new AsyncDisposableStack();
  const server = started.adopt(await startTestServer(), (running) => running.close());
  const database = await server.createDatabase();
  const provider = new LLMock({ port: 0, host: '127.0.0.1' });
  teach(provider);
  mockAnswers(provider);
  const providerUrl = await provider.start();
  started.defer(() => provider.stop());
  const mail = started.adopt(await startMailServer(), ({ close }) => close());
  const dns = started.adopt(await startDnsResolver(), ({ close }) => close());
  const client = { id: 'eufm', secret: randomKey(), origins: ['https://gateway.test'] };
  const startIdentity = async (signingKey: object) =>
    started.adopt(
      await startIdentityProvider({
        port: await findFreePort(),
        jwks: { keys: [signingKey] },
        audience: AUDIENCE,
        administrator: { subject: MEMBER_SUBJECT, email: 'member@example.test', name: 'Member' },
        client,
        backchannelLogoutUri: 'https://gateway.test/v1/auth/backchannel-logout',
      }),
      (running) => running.close(),
    );
  const [signingKey, tenantSigningKey] = [await makeKey(), await makeKey()];
  const [identity, tenantIdentity] = [await startIdentity(signingKey), await startIdentity(tenantSigningKey)];
  const bindings: Record<string, string> = {
    NEON_ENDPOINT: database.neonEndpoint,
    DATABASE_URL: database.appUrl,
    LEDGER_DATABASE_URL: database.ledgerUrl,
    OWNER_DATABASE_URL: database.url,
    OIDC_ISSUER: identity.issuer,
    OIDC_JWKS_URL: identity.jwksUrl,
    MEMBER_TOKEN: await identity.mintAccessToken(MEMBER_SUBJECT),
    MEMBER_SUBJECT,
    OIDC_CLIENT_SECRET: client.secret,
    TENANT_ISSUER: tenantIdentity.issuer,
    TENANT_SIGNING_KEY: JSON.stringify(tenantSigningKey),
    SIGNING_KEY: JSON.stringify(signingKey),
    SMTP_URL: mail.smtpUrl,
    INBOX_URL: mail.inboxUrl,
    DNS_RESOLVER_URL: dns.resolverUrl,
    DNS_ZONE_URL: dns.zoneUrl,
    PROVIDER_URL: providerUrl,
    SCRIPTED_PROVIDER_URL: started.adopt(await startScriptedProvider(), ({ close }) => close()).url,
    CLOSED_URL: `http://127.0.0.1:${await findFreePort()}`,
    API_KEY_PEPPER: randomKey(),
    VAULT_KEYS: JSON.stringify({ primary: 'k1', keys: { k1: randomKey() } }),
    AUDIT_SIGNING_KEY: JSON.stringify(generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' })),
  };
  process.stdout.write(`${JSON.stringify(bindings)}\n`);
  process.stdin.resume();
  await once(process.stdin, 'end');
}

/** What the provider answers is chosen by the prompt. */
function mockAnswers(provider: LLMock): void {
  const failure = (status: number, retryAfter?: number) => ({
    error: { message: 'as the test asked', type: 'test_error' },
    status,
    ...(retryAfter !== undefined && { retryAfter }),
  });
  provider
    .onMessage('be rate limited', failure(429, 7))
    .onMessage('refuse the key', failure(401))
    .onMessage('refuse the request', failure(400))
    .onMessage('be overloaded', failure(503))
    .onMessage('break', failure(500))
    .onMessage('use the tool', { toolCalls: [{ name: 'weather', arguments: '{"city":"Köln"}' }] })
    .onEmbedding(/[\s\S]*/, { embedding: [0.25, 0.5] })
    .onMessage(/[\s\S]*/, {
      content: 'Hello from the mock.',
      finishReason: 'stop',
      usage: { prompt_tokens: 11, completion_tokens: 5, total_tokens: 16 },
    });
}

/** A private key that an identity provider signs with. */
async function makeKey(): Promise<object> {
  const { privateKey } = await generateKeyPair('RS256', { extractable: true });
  return { ...(await exportJWK(privateKey)), kid: 'test', alg: 'RS256', use: 'sig' };
}

function randomKey(): string {
  return Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString('base64');
}

await main();

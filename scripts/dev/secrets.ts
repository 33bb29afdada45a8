import { generateKeyPairSync, randomBytes, randomUUID } from 'node:crypto';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { mintApiKey } from '../../shared/auth/api-key.ts';
import { DEMO_TENANT_ID } from '../db/seed-demo.ts';

/** What is made once for an `.eufm` folder and kept in it, readable by its owner only. */
export interface Secrets {
  /** The demo tenant's. */
  readonly apiKey: string;
  /** Base64. */
  readonly apiKeyPepper: string;
  /** The vault's keyring, as `importKeyring` reads it. */
  readonly vaultKeys: string;
  /** The identity provider's signing keys. */
  readonly jwks: { readonly keys: readonly object[] };
  /** Of our site, as a client of that identity provider. */
  readonly oidcClientSecret: string;
  /** Signs checkpoints of audit logs: a private Ed25519 key as a JWK. */
  readonly auditSigningKey: string;
  /** Passwords of the roles that the Workers connect to PostgreSQL as. */
  readonly appPassword: string;
  readonly ledgerPassword: string;
}

/** Reads the folder's secrets, and makes those that are missing. */
export function loadSecrets(directory: string): Secrets {
  const file = join(directory, 'secrets.json');
  const known: Partial<Secrets> = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {};
  const secrets: Secrets = {
    apiKey: known.apiKey ?? mintApiKey({ region: 'eu', environment: 'dev', tenantId: DEMO_TENANT_ID }).key,
    apiKeyPepper: known.apiKeyPepper ?? randomBytes(32).toString('base64'),
    vaultKeys: known.vaultKeys ?? JSON.stringify({ primary: 'k1', keys: { k1: randomBytes(32).toString('base64') } }),
    jwks: known.jwks ?? makeKeySet(),
    oidcClientSecret: known.oidcClientSecret ?? randomBytes(32).toString('base64url'),
    auditSigningKey: known.auditSigningKey ?? makeSigningKey(),
    appPassword: known.appPassword ?? randomBytes(24).toString('base64url'),
    ledgerPassword: known.ledgerPassword ?? randomBytes(24).toString('base64url'),
  };
  writePrivateFile(file, secrets);
  return secrets;
}

/** Replaces a JSON file that only its owner may read; a reader never sees half of it. */
export function writePrivateFile(file: string, content: object): void {
  const partial = `${file}.partial`;
  writeFileSync(partial, JSON.stringify(content, null, 2), { mode: 0o600 });
  renameSync(partial, file);
}

function makeKeySet(): Secrets['jwks'] {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return { keys: [{ ...privateKey.export({ format: 'jwk' }), kid: randomUUID(), use: 'sig', alg: 'RS256' }] };
}

function makeSigningKey(): string {
  return JSON.stringify(generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' }));
}

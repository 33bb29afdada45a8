import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { KeyringText } from '../../../shared/crypto/keyring.ts';
import { startAwsKms } from '../../../test/harness/kms/mock-aws-kms.ts';
import { startGoogleKms } from '../../../test/harness/kms/mock-google-kms.ts';
import type { Kms } from './kms.ts';
import { openKeyring } from './open-keyring.ts';

const CONTEXT = { tenantId: '00000000-0000-4000-8000-000000000001', keyId: '11111111-1111-4111-8111-111111111111' };
const REFUSED = { ok: false, error: { reason: 'tampered_or_moved' } };

let aws: Awaited<ReturnType<typeof startAwsKms>>;
let google: Awaited<ReturnType<typeof startGoogleKms>>;
beforeAll(async () => {
  aws = await startAwsKms();
  google = await startGoogleKms();
});
afterAll(() => {
  aws.close();
  google.close();
});
beforeEach(() => {
  aws.mode = 'works';
  google.mode = 'works';
  google.faults.corrupts = false;
});

const local = Buffer.alloc(32, 7).toString('base64');

/** The key that a keyring of this one key wraps with. */
async function kmsOf(key: KeyringText['keys'][string], now = () => new Date()): Promise<Kms> {
  const keyring = await openKeyring(JSON.stringify({ primary: 'k', keys: { k: key } }), { fetch, now });
  return keyring.primary.kms;
}

const BACKENDS = { local: () => kmsOf(local), aws: () => kmsOf(aws.key), google: () => kmsOf(google.key) };

describe.each(Object.entries(BACKENDS))('a key-encryption key: %s', (_name, make) => {
  it('makes keys of 32 bytes, and unwraps what it wrapped', async () => {
    const kms = await make();
    const [one, other] = [await kms.generate(CONTEXT), await kms.generate(CONTEXT)];
    if (!one.ok || !other.ok) throw new Error('no key was made');
    expect(one.value.bytes).toHaveLength(32);
    expect(one.value.bytes).not.toEqual(other.value.bytes);
    expect(await kms.unwrap(one.value.wrapped, CONTEXT)).toEqual({ ok: true, value: one.value.bytes });
    const wrapped = await kms.wrap(one.value.bytes, CONTEXT);
    if (!wrapped.ok) throw new Error(wrapped.error.reason);
    expect(await kms.unwrap(wrapped.value, CONTEXT)).toEqual({ ok: true, value: one.value.bytes });
  });

  it.each(['tenantId', 'keyId'] as const)('S1: unwraps for no other %s', async (part) => {
    const kms = await make();
    const made = await kms.generate(CONTEXT);
    if (!made.ok) throw new Error(made.error.reason);
    expect(await kms.unwrap(made.value.wrapped, { ...CONTEXT, [part]: 'elsewhere' })).toEqual(REFUSED);
  });

  it('S2: unwraps nothing that was changed', async () => {
    const kms = await make();
    const made = await kms.generate(CONTEXT);
    if (!made.ok) throw new Error(made.error.reason);
    const { wrapped } = made.value;
    const middle = Math.floor(wrapped.length / 2);
    const changed = wrapped.slice(0, middle) + (wrapped[middle] === 'A' ? 'B' : 'A') + wrapped.slice(middle + 1);
    expect(await kms.unwrap(changed, CONTEXT)).toEqual(REFUSED);
  });
});

describe.each([
  ['aws', () => aws],
  ['google', () => google],
] as const)('a KMS that does not serve: %s', (_name, server) => {
  it.each([
    ['denies', 'key_denied'],
    ['fails', 'unavailable'],
    ['breaks', 'unavailable'],
  ] as const)('%s: %s, and never a key', async (mode, reason) => {
    const kms = await kmsOf(server().key);
    const made = await kms.generate(CONTEXT);
    if (!made.ok) throw new Error(made.error.reason);
    server().mode = mode;
    const refusal = { ok: false, error: { reason } };
    expect(await kms.unwrap(made.value.wrapped, CONTEXT)).toEqual(refusal);
    expect(await kms.wrap(made.value.bytes, CONTEXT)).toEqual(refusal);
    expect(await kms.generate(CONTEXT)).toEqual(refusal);
  });
});

describe('the wire format', () => {
  it('control: AWS refuses a signature by another secret, and another key', async () => {
    const other = await kmsOf({ ...aws.key, secretAccessKey: 'another' });
    expect(await other.generate(CONTEXT)).toEqual({ ok: false, error: { reason: 'key_denied' } });
    const missing = await kmsOf({ ...aws.key, keyId: 'alias/none' });
    expect(await missing.generate(CONTEXT)).toEqual({ ok: false, error: { reason: 'key_denied' } });
  });

  it('signs for AWS with the token of a role', async () => {
    const asRole = await kmsOf({ ...aws.key, sessionToken: 'a token' });
    expect(await asRole.generate(CONTEXT)).toMatchObject({ ok: false }); // the mock's identity has none to sign
  });

  it('control: Google refuses a token of another account, and one that is over', async () => {
    const other = await kmsOf({ ...google.key, clientEmail: 'other@acme.iam.gserviceaccount.com' });
    expect(await other.generate(CONTEXT)).toMatchObject({ ok: false });
    const early = await kmsOf(google.key, () => new Date(Date.now() - 3_600_000));
    expect(await early.generate(CONTEXT)).toMatchObject({ ok: false });
  });

  it('takes nothing from Google whose checksum does not fit', async () => {
    const kms = await kmsOf(google.key);
    const made = await kms.generate(CONTEXT);
    if (!made.ok) throw new Error(made.error.reason);
    google.faults.corrupts = true;
    const refusal = { ok: false, error: { reason: 'unavailable' } };
    expect(await kms.unwrap(made.value.wrapped, CONTEXT)).toEqual(refusal);
    expect(await kms.wrap(made.value.bytes, CONTEXT)).toEqual(refusal);
  });
});

it('refuses a keyring that is none, or that names a KMS without TLS', async () => {
  await expect(kmsOf('c2hvcnQ=')).rejects.toThrow('32 bytes');
  await expect(kmsOf({ ...aws.key, endpoint: 'http://kms.example' })).rejects.toThrow('must be HTTPS');
});

import { beforeAll, describe, expect, it } from 'vitest';
import { decryptBytes, encryptBytes, importAesKey, newNonce } from './aes-gcm.ts';
import { fromBase64 } from './bytes.ts';
import { importTenantKey, openEnvelope, sealEnvelope, type TenantKey } from './envelope.ts';
import {
  clientSecret,
  deliverySecret,
  keptAnswer,
  providerCredentials,
  signInContext,
  tenantSecret,
  webhookSigningSecret,
} from './seal-contexts.ts';

const TENANT = '00000000-0000-4000-8000-000000000001';
const CONTEXT = providerCredentials(TENANT, 'r1');
const MOVED = { ok: false, error: { reason: 'tampered_or_moved' } };
const NONCES = 1_000_000;
const AT_ONCE = 1_000;

const bytes = (value: number) => new Uint8Array(32).fill(value);

let key: TenantKey;
beforeAll(async () => {
  key = await importTenantKey('11111111-1111-4111-8111-111111111111', bytes(1));
});

const sealedParts = async (): Promise<Record<string, string>> => JSON.parse(await sealEnvelope(key, CONTEXT, 'secret'));
const reads = (text: string | undefined) => fromBase64(text ?? '') ?? new Uint8Array();

describe('S1: an envelope', () => {
  it('opens to what was sealed, in its own context', async () => {
    const sealed = await sealEnvelope(key, CONTEXT, 'sk-secret ü');
    expect(sealed).not.toContain('secret');
    expect(await openEnvelope(key, CONTEXT, sealed)).toEqual({ ok: true, value: 'sk-secret ü' });
  });

  it.each(['tenantId', 'table', 'column', 'rowId', 'purpose'] as const)('is refused with another %s', async (part) => {
    const sealed = await sealEnvelope(key, CONTEXT, 'secret');
    expect(await openEnvelope(key, { ...CONTEXT, [part]: 'elsewhere' }, sealed)).toEqual(MOVED);
  });

  it('is refused in every other place that anything is sealed for', async () => {
    const places = [
      ...[CONTEXT, clientSecret(TENANT, 'r1'), tenantSecret(TENANT, 'r1'), signInContext('r1')],
      ...[deliverySecret(TENANT, 'r1'), webhookSigningSecret(TENANT, 'r1')],
      ...[keptAnswer({ kind: 'tenant', id: TENANT }, 'r1'), keptAnswer({ kind: 'person', id: TENANT }, 'r1')],
    ];
    for (const from of places) {
      const sealed = await sealEnvelope(key, from, 'secret');
      const opened = await Promise.all(places.map(async (to) => (await openEnvelope(key, to, sealed)).ok));
      expect(opened).toEqual(places.map((to) => to === from));
    }
  });

  it('is refused as another version of the key’s, and under another key of the same id', async () => {
    const sealed = await sealEnvelope(key, CONTEXT, 'secret');
    const next = await importTenantKey('22222222-2222-4222-8222-222222222222', bytes(1));
    expect(await openEnvelope(next, CONTEXT, sealed)).toMatchObject({ error: { reason: 'unknown_key' } });
    expect(await openEnvelope(next, CONTEXT, sealed.replace(key.id, next.id))).toEqual(MOVED);
    expect(await openEnvelope(await importTenantKey(key.id, bytes(2)), CONTEXT, sealed)).toEqual(MOVED);
  });

  it('is refused with the data key of another envelope', async () => {
    const [one, other] = [await sealedParts(), await sealedParts()];
    const { salt, wrapIv, wrapped } = other;
    const mixed = JSON.stringify({ ...one, salt, wrapIv, wrapped });
    expect(await openEnvelope(key, CONTEXT, mixed)).toEqual(MOVED);
    const committed = JSON.stringify({ ...one, salt, wrapIv, wrapped, commitment: other.commitment });
    expect(await openEnvelope(key, CONTEXT, committed)).toEqual(MOVED);
  });

  it('control: bytes that are encrypted without a context open wherever they are moved', async () => {
    const aes = await importAesKey(bytes(3));
    const nowhere = new Uint8Array();
    const moved = await encryptBytes(aes, nowhere, bytes(4));
    expect(await decryptBytes(aes, nowhere, moved)).toEqual(bytes(4));
  });
});

describe('S2: with any one bit flipped', () => {
  it('an envelope does not open', async () => {
    const sealed = new TextEncoder().encode(await sealEnvelope(key, CONTEXT, 'secret'));
    let opened = 0;
    for (let bit = 0; bit < sealed.length * 8; bit++) {
      const flipped = sealed.slice();
      flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      if ((await openEnvelope(key, CONTEXT, new TextDecoder().decode(flipped))).ok) opened += 1;
    }
    expect(opened).toBe(0);
    expect((await openEnvelope(key, CONTEXT, new TextDecoder().decode(sealed))).ok).toBe(true);
  });

  it('control: base64 has spellings one bit apart that stand for the same bytes', () => {
    expect('E'.charCodeAt(0) ^ 'G'.charCodeAt(0)).toBe(2);
    expect(reads('AAE')).toEqual(reads('AAG'));
  });
});

/** How many of the texts were there before. */
function countRepeats(texts: Iterable<string>): number {
  const seen = new Set<string>();
  let count = 0;
  for (const text of texts) {
    count += 1;
    seen.add(text);
  }
  return count - seen.size;
}

describe('S4', () => {
  it('a million nonces are a million different ones', { timeout: 120_000 }, () => {
    const nonces = Array.from({ length: NONCES }, () => String.fromCharCode(...newNonce()));
    expect(countRepeats(nonces)).toBe(0);
  });

  it('what is encrypted has such a nonce each time', async () => {
    const aes = await importAesKey(bytes(5));
    const none = new Uint8Array();
    const encrypted = await Promise.all(Array.from({ length: AT_ONCE }, () => encryptBytes(aes, none, none)));
    expect(countRepeats(encrypted.map(({ iv }) => String.fromCharCode(...iv)))).toBe(0);
    expect(new Set(encrypted.map(({ iv }) => iv.length))).toEqual(new Set([12]));
  });

  it('control: repeats are found', () => {
    const counter = Array.from({ length: NONCES }, (_, at) => String.fromCharCode(at & 0xffff));
    expect(countRepeats(counter)).toBe(NONCES - 65_536);
  });

  it('every secret has a data key and a wrapping key of its own, used once', async () => {
    const sealed = await Promise.all(Array.from({ length: AT_ONCE }, sealedParts));
    for (const part of ['commitment', 'salt', 'wrapIv', 'iv', 'wrapped', 'data'] as const) {
      expect(countRepeats(sealed.map((parts) => parts[part] ?? ''))).toBe(0);
    }
    expect(sealed.map(({ salt }) => reads(salt).length)).toEqual(Array(AT_ONCE).fill(32));
  });
});

it('says what is wrong with a text that is no envelope', async () => {
  const malformed = { ok: false, error: { reason: 'malformed' } };
  for (const text of ['plain', '{}', 'null', `{"v":1,"kek":"k"}`]) {
    expect(await openEnvelope(key, CONTEXT, text)).toEqual(malformed);
  }
});

import { beforeAll, describe, expect, it } from 'vitest';
import { type DirectKey, localPrimary, openDirectly, sealDirectly } from './direct-envelope.ts';
import { providerCredentials } from './seal-contexts.ts';

const CONTEXT = providerCredentials('t1', 'r1');
const keyText = (byte: number) => btoa(String.fromCharCode(...new Uint8Array(32).fill(byte)));

const keyring = (keys: Record<string, string>) => JSON.stringify({ primary: Object.keys(keys)[0], keys });
const openWith = async ({ id, key }: DirectKey, sealed: string, context = CONTEXT) =>
  openDirectly(new Map([[id, key]]), context, sealed);

let kek: DirectKey;
beforeAll(async () => {
  kek = await localPrimary(keyring({ k1: keyText(1), k2: keyText(2) }));
});

describe('direct envelopes', () => {
  it('open to what was sealed, in their own context', async () => {
    const sealed = await sealDirectly(kek, CONTEXT, 'sk-secret ü');
    expect(sealed).not.toContain('secret');
    expect(await openWith(kek, sealed)).toEqual({ ok: true, value: 'sk-secret ü' });
  });

  it.each(['tenantId', 'table', 'column', 'rowId'] as const)('do not open when moved to another %s', async (part) => {
    const sealed = await sealDirectly(kek, CONTEXT, 'secret');
    const moved = await openWith(kek, sealed, { ...CONTEXT, [part]: 'elsewhere' });
    expect(moved).toEqual({ ok: false, error: { reason: 'tampered_or_moved' } });
  });

  it('do not open with a bit flipped in any of their parts', async () => {
    const sealed: Record<string, unknown> = JSON.parse(await sealDirectly(kek, CONTEXT, 'secret'));
    for (const part of ['wrapIv', 'wrapped', 'iv', 'data', 'commitment']) {
      const text = String(sealed[part]);
      const flipped = JSON.stringify({ ...sealed, [part]: (text.startsWith('A') ? 'B' : 'A') + text.slice(1) });
      expect(await openWith(kek, flipped)).toMatchObject({ ok: false });
    }
  });

  it('name what is wrong: no envelope, a key that is gone, another key under the same name', async () => {
    const sealed = await sealDirectly(kek, CONTEXT, 'secret');
    const without = await localPrimary(keyring({ k2: keyText(2) }));
    const swapped = await localPrimary(keyring({ k1: keyText(9) }));
    expect(await openWith(kek, 'plain text')).toMatchObject({ error: { reason: 'malformed' } });
    expect(await openWith(without, sealed)).toMatchObject({ error: { reason: 'unknown_key' } });
    expect(await openWith(swapped, sealed)).toMatchObject({ error: { reason: 'tampered_or_moved' } });
  });

  it('refuse a keyring that is not one, and a primary key that is not at hand', async () => {
    await expect(localPrimary('{"primary":"k1","keys":{}}')).rejects.toThrow();
    await expect(localPrimary('{"primary":"k1","keys":{"k1":"c2hvcnQ="}}')).rejects.toThrow('32 bytes');
    const aws = { kms: 'aws', region: 'eu-central-1', keyId: 'k', accessKeyId: 'a', secretAccessKey: 's' };
    await expect(localPrimary(JSON.stringify({ primary: 'k1', keys: { k1: aws } }))).rejects.toThrow('not a local');
  });
});

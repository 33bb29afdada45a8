import { beforeAll, describe, expect, it } from 'vitest';
import { importKeyring, type Keyring, openEnvelope, sealEnvelope } from './envelope.ts';

const CONTEXT = { tenantId: 't1', table: 'provider_accounts', column: 'encrypted_credentials', rowId: 'r1' };
const keyText = (byte: number) => btoa(String.fromCharCode(...new Uint8Array(32).fill(byte)));

let keyring: Keyring;
beforeAll(async () => {
  keyring = await importKeyring(JSON.stringify({ primary: 'k1', keys: { k1: keyText(1), k2: keyText(2) } }));
});

describe('envelopes', () => {
  it('open to what was sealed, in their own context', async () => {
    const sealed = await sealEnvelope(keyring, CONTEXT, 'sk-secret ü');
    expect(sealed).not.toContain('secret');
    expect(await openEnvelope(keyring, CONTEXT, sealed)).toEqual({ ok: true, value: 'sk-secret ü' });
  });

  it.each(['tenantId', 'table', 'column', 'rowId'] as const)('do not open when moved to another %s', async (part) => {
    const sealed = await sealEnvelope(keyring, CONTEXT, 'secret');
    const moved = await openEnvelope(keyring, { ...CONTEXT, [part]: 'elsewhere' }, sealed);
    expect(moved).toEqual({ ok: false, error: { reason: 'tampered_or_moved' } });
  });

  it('do not open with a bit flipped in any of their parts', async () => {
    const sealed: Record<string, unknown> = JSON.parse(await sealEnvelope(keyring, CONTEXT, 'secret'));
    for (const part of ['wrapIv', 'wrapped', 'iv', 'data', 'commitment']) {
      const text = String(sealed[part]);
      const flipped = JSON.stringify({ ...sealed, [part]: (text.startsWith('A') ? 'B' : 'A') + text.slice(1) });
      expect(await openEnvelope(keyring, CONTEXT, flipped)).toMatchObject({ ok: false });
    }
  });

  it('name what is wrong: no envelope, a key that is gone, another key under the same name', async () => {
    const sealed = await sealEnvelope(keyring, CONTEXT, 'secret');
    const without = await importKeyring(JSON.stringify({ primary: 'k2', keys: { k2: keyText(2) } }));
    const swapped = await importKeyring(JSON.stringify({ primary: 'k1', keys: { k1: keyText(9) } }));
    expect(await openEnvelope(keyring, CONTEXT, 'plain text')).toMatchObject({ error: { reason: 'malformed' } });
    expect(await openEnvelope(without, CONTEXT, sealed)).toMatchObject({ error: { reason: 'unknown_key' } });
    expect(await openEnvelope(swapped, CONTEXT, sealed)).toMatchObject({ error: { reason: 'tampered_or_moved' } });
  });

  it('refuse a keyring that is not one', async () => {
    await expect(importKeyring('{"primary":"k1","keys":{}}')).rejects.toThrow();
    await expect(importKeyring('{"primary":"k1","keys":{"k1":"c2hvcnQ="}}')).rejects.toThrow('32 bytes');
  });
});

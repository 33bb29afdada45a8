import { describe, expect, it } from 'vitest';
import { hashApiKey, importPepper, mintApiKey, parseApiKey } from './api-key.ts';

const CLAIMS = { region: 'eu', environment: 'prod', tenantId: '018f3c1e-7b2a-7c3d-8e4f-0123456789ab' } as const;
const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_';

describe('API keys', () => {
  it('tell their region, environment and tenant without a look-up', () => {
    expect(parseApiKey(mintApiKey(CLAIMS).key)).toEqual(CLAIMS);
    for (const tenantId of ['00000000-0000-0000-0000-000000000000', 'ffffffff-ffff-ffff-ffff-ffffffffffff']) {
      expect(parseApiKey(mintApiKey({ ...CLAIMS, tenantId }).key)?.tenantId).toBe(tenantId);
    }
  });

  it('refuse every single-character typo by their checksum', () => {
    const { key } = mintApiKey(CLAIMS);
    for (let index = 0; index < key.length; index++) {
      for (const typo of ALPHABET) {
        if (typo === key[index]) continue;
        expect(parseApiKey(key.slice(0, index) + typo + key.slice(index + 1))).toBeNull();
      }
    }
  });

  it('refuse what is no key at all, and a checksum that fits an impossible tenant', () => {
    for (const text of ['', 'eufm_', 'sk-abc', `${mintApiKey(CLAIMS).key}0`, 'eufm_eu_prod_'.padEnd(100, 'z')]) {
      expect(parseApiKey(text)).toBeNull();
    }
  });

  it('never repeat, and show no more of their secret than their prefix', () => {
    const keys = Array.from({ length: 1000 }, () => mintApiKey(CLAIMS));
    expect(new Set(keys.map(({ key }) => key)).size).toBe(1000);
    expect(keys[0]?.keyPrefix).toMatch(/^eufm_eu_prod_[0-9A-Za-z]{6}$/);
  });

  it('are stored as an HMAC that depends on the pepper', async () => {
    const { key } = mintApiKey(CLAIMS);
    const [one, other] = await Promise.all([1, 2].map((byte) => importPepper(new Uint8Array(32).fill(byte))));
    if (!one || !other) throw new Error('two peppers');
    expect(await hashApiKey(one, key)).toBe(await hashApiKey(one, key));
    expect(await hashApiKey(one, key)).not.toBe(await hashApiKey(other, key));
  });
});

import { exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose';
import { describe, expect, it } from 'vitest';
import { verifySignedToken } from '../../../shared/auth/verify-signed-token.ts';
import { IssuerKeys } from './issuer-keys.ts';

const ISSUER = 'https://id.example';
const URL = `${ISSUER}/jwks`;
const START = Date.parse('2026-01-01T00:00:00Z');
const SECOND = 1_000;
const MINUTE = 60 * SECOND;

/** An issuer whose keys can be changed, and which can be away; it counts how often it is asked. */
async function setUp() {
  const world = { now: START, fetches: 0, isAway: false, keys: [] as JWK[] };
  const issuerKeys = new IssuerKeys({
    now: () => world.now,
    fetch: async (_url, init) => {
      world.fetches++;
      expect(init.redirect).toBe('manual');
      if (world.isAway) throw new TypeError('connection refused');
      return Response.json({ keys: world.keys });
    },
  });
  const addKey = async (kid: string) => {
    const { privateKey, publicKey } = await generateKeyPair('ES256');
    world.keys.push({ ...(await exportJWK(publicKey)), kid, alg: 'ES256', use: 'sig' });
    return (unknownKid = kid) =>
      new SignJWT({ sub: 'ada', iat: START / 1000, exp: START / 1000 + 86_400, iss: ISSUER, aud: 'us' })
        .setProtectedHeader({ alg: 'ES256', kid: unknownKid })
        .sign(privateKey);
  };
  const verify = async (token: string) => {
    const key = issuerKeys.of(ISSUER, async () => URL);
    const expected = { issuer: ISSUER, audience: 'us', type: null, requiredClaims: [], key, now: world.now };
    const verified = await verifySignedToken(token, expected);
    return verified.ok ? 'taken' : verified.error;
  };
  return { world, addKey, verify };
}

describe('A3: the keys of an issuer', () => {
  it('a new one works on its first use', async () => {
    const { world, addKey, verify } = await setUp();
    const old = await addKey('old');
    expect(await verify(await old())).toBe('taken');
    world.now += 31 * SECOND;
    const fresh = await addKey('new');
    expect(await verify(await fresh())).toBe('taken');
    expect(world.fetches).toBe(2);
  });

  it('are fetched at most once in 30 seconds under 10,000 tokens of unknown keys, one by one and all at once', async () => {
    const { world, addKey, verify } = await setUp();
    const make = await addKey('known');
    const [known, forged] = [await make(), (await make()).split('.')];
    expect(await verify(known)).toBe('taken');
    expect(world.fetches).toBe(1);
    const flood = Array.from({ length: 10_000 }, (_, index) => {
      const header = btoa(JSON.stringify({ alg: 'ES256', kid: `unknown-${index}` })).replaceAll('=', '');
      return [header, ...forged.slice(1)].join('.');
    });
    for (const token of flood.slice(0, 5_000)) expect(await verify(token)).toBe('invalid');
    world.now += 29 * SECOND;
    await Promise.all(flood.slice(5_000).map(async (token) => expect(await verify(token)).toBe('invalid')));
    expect(world.fetches).toBe(1);
    world.now += 2 * SECOND; // control: after 30 seconds the next one asks, and so the count can rise
    await Promise.all(flood.slice(0, 1_000).map((token) => verify(token)));
    expect(world.fetches).toBe(2);
    expect(await verify(known)).toBe('taken');
  });

  it('are not asked for more often by an issuer that is away', async () => {
    const { world, addKey, verify } = await setUp();
    const token = await (await addKey('known'))();
    world.isAway = true;
    for (let index = 0; index < 100; index++) expect(await verify(token)).toBe('unavailable');
    expect(world.fetches).toBe(1);
    world.isAway = false;
    world.now += 30 * SECOND;
    expect(await verify(token)).toBe('taken');
  });

  it('serve up to ten minutes while their issuer is away, and no longer', async () => {
    const { world, addKey, verify } = await setUp();
    const token = await (await addKey('known'))();
    expect(await verify(token)).toBe('taken');
    world.isAway = true;
    world.now += 10 * MINUTE;
    expect(await verify(token)).toBe('taken');
    world.now += 1;
    expect(await verify(token)).toBe('unavailable');
    world.isAway = false; // control: it is the issuer that was missing
    world.now += 30 * SECOND;
    expect(await verify(token)).toBe('taken');
  });

  it('that an issuer took back are refused after ten minutes at the latest', async () => {
    const { world, addKey, verify } = await setUp();
    const token = await (await addKey('leaked'))();
    expect(await verify(token)).toBe('taken');
    world.keys.length = 0;
    world.now += 10 * MINUTE + 1;
    expect(await verify(token)).toBe('invalid');
  });

  it('are those that it serves itself: an error, a redirect or something else is none', async () => {
    for (const response of [
      new Response('{"keys":[]}', { status: 500 }),
      new Response(null, { status: 302, headers: { location: 'https://evil.example' } }),
      new Response('<html>'),
      new Response('{"keys":"a"}'),
    ]) {
      const keys = new IssuerKeys({ now: () => START, fetch: async () => response });
      const key = keys.of(ISSUER, async () => URL);
      const { addKey } = await setUp();
      const token = await (await addKey('a'))();
      const expected = { issuer: ISSUER, audience: 'us', type: null, requiredClaims: [], key, now: START };
      expect(await verifySignedToken(token, expected)).toEqual({ ok: false, error: 'unavailable' });
    }
  });
});

import { createHmac, createSign, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { createLocalJWKSet, decodeJwt, exportJWK, type JSONWebKeySet, type JWK, jwtVerify } from 'jose';
import { beforeAll, describe, expect, it } from 'vitest';
import { verifyIdToken } from './verify-id-token.ts';
import { verifySignedToken } from './verify-signed-token.ts';

const ISSUER = 'https://id.example';
const CLIENT = 'eufm';
const NONCE = 'the-nonce';
const NOW = Date.parse('2026-01-01T00:00:00Z');
const SECONDS = NOW / 1000;
const SKEW = 5;

const CLAIMS = { iss: ISSUER, sub: 'ada', aud: CLIENT, nonce: NONCE, iat: SECONDS - 10, exp: SECONDS + 300 };

let issuer: { readonly privateKey: KeyObject; readonly publicKey: KeyObject };
let attacker: typeof issuer;
let keys: JSONWebKeySet;
let attackerKey: JWK;

beforeAll(async () => {
  issuer = generateKeyPairSync('rsa', { modulusLength: 2048 });
  attacker = generateKeyPairSync('rsa', { modulusLength: 2048 });
  keys = { keys: [{ ...(await exportJWK(issuer.publicKey)), kid: 'k1', alg: 'RS256', use: 'sig' }] };
  attackerKey = { ...(await exportJWK(attacker.publicKey)), kid: 'k1', alg: 'RS256', use: 'sig' };
});

const encode = (text: string) => Buffer.from(text).toString('base64url');

/** A token of texts as they are, so that it can say what no library would write. */
function signTexts(header: string, payload: string, key = issuer.privateKey): string {
  const body = `${encode(header)}.${encode(payload)}`;
  return `${body}.${createSign('sha256').update(body).sign(key).toString('base64url')}`;
}

const HEADER = { alg: 'RS256', kid: 'k1' };

function sign(claims: object = {}, header: object = {}, key = issuer.privateKey): string {
  return signTexts(JSON.stringify({ ...HEADER, ...header }), JSON.stringify({ ...CLAIMS, ...claims }), key);
}

function without(name: keyof typeof CLAIMS): string {
  return signTexts(JSON.stringify(HEADER), JSON.stringify({ ...CLAIMS, [name]: undefined }));
}

/** The public key as a shared secret: what a verifier would take that lets the token choose. */
function signWithPublicKey(): string {
  const body = `${encode(JSON.stringify({ ...HEADER, alg: 'HS256' }))}.${encode(JSON.stringify(CLAIMS))}`;
  const secret = issuer.publicKey.export({ type: 'spki', format: 'pem' });
  return `${body}.${createHmac('sha256', secret).update(body).digest('base64url')}`;
}

function verify(token: string) {
  return verifyIdToken(token, {
    ...{ issuer: ISSUER, clientId: CLIENT, nonce: NONCE, now: NOW },
    key: createLocalJWKSet(keys),
  });
}

const quoted = (claims: object) => JSON.stringify(claims).slice(1, -1);

describe('A2: an ID token', () => {
  it('control: is accepted as the issuer signs it, up to the skew that is allowed', async () => {
    for (const claims of [
      {},
      { exp: SECONDS - SKEW + 1 },
      { nbf: SECONDS + SKEW },
      { aud: [CLIENT], azp: CLIENT },
      { aud: [CLIENT, 'other'], azp: CLIENT },
    ]) {
      expect(await verify(sign(claims)), JSON.stringify(claims)).toMatchObject({ ok: true, value: { sub: 'ada' } });
    }
  });

  const NEGATIVES: [string, () => string][] = [
    ['with alg none', () => `${encode(JSON.stringify({ alg: 'none' }))}.${encode(JSON.stringify(CLAIMS))}.`],
    ['with alg none in other letters', () => sign({}, { alg: 'nOnE' })],
    ['signed as HS256 with the public key', signWithPublicKey],
    ['with a key id that the issuer does not have', () => sign({}, { kid: 'k2' })],
    ['signed with another key of the same id', () => sign({}, {}, attacker.privateKey)],
    ['with an algorithm that its key is not for', () => sign({}, { alg: 'PS256' })],
    ['for another client', () => sign({ aud: 'other' })],
    ['for no client', () => without('aud')],
    ['for several clients, without an authorised party', () => sign({ aud: [CLIENT, 'other'] })],
    ['whose authorised party is another', () => sign({ azp: 'other' })],
    ['for several clients, whose authorised party is another', () => sign({ aud: [CLIENT, 'other'], azp: 'other' })],
    ['that expired a second beyond the skew', () => sign({ exp: SECONDS - SKEW - 1 })],
    ['that never expires', () => without('exp')],
    ['that is not valid yet', () => sign({ nbf: SECONDS + SKEW + 1 })],
    ['that is issued in the future', () => sign({ iat: SECONDS + SKEW + 1 })],
    ['without a time of issue', () => without('iat')],
    ['of another tenant’s issuer', () => sign({ iss: 'https://other.example' })],
    ['of an issuer whose name begins the same', () => sign({ iss: `${ISSUER}.evil.example` })],
    ['without an issuer', () => without('iss')],
    ['without a subject', () => without('sub')],
    ['with an empty subject', () => sign({ sub: '' })],
    ['with another nonce', () => sign({ nonce: 'other' })],
    ['without a nonce', () => without('nonce')],
    ['that brings its key along (jwk)', () => sign({}, { jwk: attackerKey }, attacker.privateKey)],
    ['that is the issuer’s and names a key too (jwk)', () => sign({}, { jwk: attackerKey })],
    ['that names where its key is (jku)', () => sign({}, { jku: 'https://evil.example/jwks' })],
    ['that names where its certificate is (x5u)', () => sign({}, { x5u: 'https://evil.example/cert' })],
    ['that brings a certificate along (x5c)', () => sign({}, { x5c: ['a'] })],
    ['with a critical header', () => sign({}, { crit: ['exp'], exp: 1 })],
    ['that says its subject twice', () => signTexts(JSON.stringify(HEADER), `{${quoted(CLAIMS)},"sub":"eve"}`)],
    [
      'that says it twice, once escaped',
      () => signTexts(JSON.stringify(HEADER), `{"\\u0073ub":"eve",${quoted(CLAIMS)}}`),
    ],
    ['that says its audience twice', () => signTexts(JSON.stringify(HEADER), `{"aud":"other",${quoted(CLAIMS)}}`)],
    ['with a header said twice', () => signTexts(`{"alg":"none",${quoted(HEADER)}}`, JSON.stringify(CLAIMS))],
    ['that is an access token', () => sign({}, { typ: 'at+jwt' })],
    ['that is a logout token', () => sign({}, { typ: 'logout+jwt' })],
    [
      'with a changed claim',
      () => sign().replace(/\.[^.]+\./, `.${encode(JSON.stringify({ ...CLAIMS, sub: 'eve' }))}.`),
    ],
    ['without its signature', () => sign().replace(/[^.]+$/, '')],
    ['in five parts, as an encrypted one', () => `${sign()}.a.b`],
    ['that is no token', () => 'nonsense'],
  ];

  it.each(NEGATIVES)('%s is refused', async (_name, make) => {
    expect(NEGATIVES.length).toBeGreaterThanOrEqual(20);
    expect(await verify(make())).toEqual({ ok: false, error: 'invalid' });
  });

  it('control: a verifier that looks at the signature only accepts what is refused for other reasons', async () => {
    const naive = async (make: () => string) => {
      try {
        await jwtVerify(make(), createLocalJWKSet(keys), { currentDate: new Date(NOW) });
        return true;
      } catch {
        return false;
      }
    };
    const accepted = await Promise.all(NEGATIVES.map(([, make]) => naive(make)));
    expect(accepted.filter(Boolean).length).toBeGreaterThan(15);
  });
});

describe('an access token', () => {
  const verifyAccess = (token: string) =>
    verifySignedToken(token, {
      ...{ issuer: ISSUER, audience: CLIENT, type: 'at+jwt', requiredClaims: ['sub'], now: NOW },
      key: createLocalJWKSet(keys),
    });

  it.each([
    ['of its type', { typ: 'at+jwt' }, true],
    ['of its type in full', { typ: 'application/at+jwt' }, true],
    ['without a type', {}, false],
    ['that is an ID token', { typ: 'JWT' }, false],
  ])('%s: %o is taken: %s', async (_name, header, isTaken) => {
    const token = sign({}, header);
    expect((await verifyAccess(token)).ok).toBe(isTaken);
    expect(decodeJwt(token).sub).toBe('ada');
  });
});

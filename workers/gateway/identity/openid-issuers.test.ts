import { describe, expect, it } from 'vitest';
import { verifySignedToken } from '../../../shared/auth/verify-signed-token.ts';
import { endlessBody } from '../../../test/harness/endless-body.ts';
import { ISSUER_ANSWER_MAX_BYTES } from '../constants.ts';
import { OpenIdIssuers } from './openid-issuers.ts';

const ISSUER = 'https://id.example';
const SLACK_BYTES = 64 * 1024;
const JSON_TYPE = { 'content-type': 'application/json' };

/** What an issuer of that name says of itself. */
const METADATA = {
  issuer: ISSUER,
  authorization_endpoint: `${ISSUER}/authorize`,
  token_endpoint: `${ISSUER}/token`,
  jwks_uri: `${ISSUER}/jwks`,
};

/** Issuers that answer by path. */
function issuersOf(answers: Readonly<Record<string, () => Response>>): OpenIdIssuers {
  return new OpenIdIssuers({
    fetch: async (url) => answers[new URL(url).pathname]?.() ?? new Response(null, { status: 404 }),
    now: () => 0,
    allowsPrivate: false,
    platform: { issuer: 'https://platform.example', jwksUrl: 'https://platform.example/jwks' },
  });
}

const CONFIGURATION = '/.well-known/openid-configuration';

describe('an identity provider', () => {
  it('says of itself what is asked', async () => {
    const issuers = issuersOf({ [CONFIGURATION]: () => Response.json(METADATA) });
    expect(await issuers.metadataOf(ISSUER)).toMatchObject({ token_endpoint: `${ISSUER}/token` });
  });

  it('that answers without end is read up to a limit, whatever it is asked for', async () => {
    const { body, poured } = endlessBody();
    const issuers = issuersOf({ [CONFIGURATION]: () => new Response(body, { headers: JSON_TYPE }) });
    await expect(issuers.metadataOf(ISSUER)).rejects.toThrow('exceeds');
    expect(poured.bytes).toBeGreaterThan(ISSUER_ANSWER_MAX_BYTES);
    expect(poured.bytes).toBeLessThanOrEqual(ISSUER_ANSWER_MAX_BYTES + SLACK_BYTES);
  });

  it('whose keys have no end has none', async () => {
    const { body, poured } = endlessBody();
    const issuers = issuersOf({
      [CONFIGURATION]: () => Response.json(METADATA),
      '/jwks': () => new Response(body, { headers: JSON_TYPE }),
    });
    const token = [{ alg: 'ES256', kid: 'a' }, { iss: ISSUER }, 'none']
      .map((part) => btoa(JSON.stringify(part)))
      .join('.');
    const key = issuers.keysOf(ISSUER);
    const expected = { issuer: ISSUER, audience: 'us', type: null, requiredClaims: [], key, now: 0 };
    expect(await verifySignedToken(token.replaceAll('=', ''), expected)).toEqual({ ok: false, error: 'unavailable' });
    expect(poured.bytes).toBeGreaterThan(ISSUER_ANSWER_MAX_BYTES);
    expect(poured.bytes).toBeLessThanOrEqual(ISSUER_ANSWER_MAX_BYTES + SLACK_BYTES);
  });
});

import { describe, expect, it } from 'vitest';
import { ownerSql, testEnv } from '../../harness/mint-tenant.ts';
import { signToken } from '../../harness/sign-token.ts';
import { TestBrowser } from '../../harness/test-browser.ts';

const EVENTS = { 'http://schemas.openid.net/event/backchannel-logout': {} };
const HEADER = { typ: 'logout+jwt' };
const PATH = '/v1/auth/backchannel-logout';

interface Row {
  readonly subject: string;
  readonly sid: string;
}

/** Somebody who signed in, with what their identity provider calls them and its session. */
async function signedIn(
  email = `${crypto.randomUUID()}@example.test`,
): Promise<Row & { browser: TestBrowser; email: string }> {
  const browser = new TestBrowser();
  await browser.signIn(email);
  const { id } = await (await browser.request('/v1/me')).json<{ id: string }>();
  const rows =
    await ownerSql()`select subject, sid from sessions where user_id = ${id} order by created_at desc limit 1`;
  const [row] = rows as Row[];
  if (!row?.sid) throw new Error('the provider named no session');
  return { ...row, browser, email };
}

/** The claims of a logout token that is taken. */
function claims(more: Record<string, unknown>) {
  const now = Math.floor(Date.now() / 1000);
  return {
    ...{ iss: testEnv.OIDC_ISSUER, aud: 'eufm', iat: now, exp: now + 120, jti: crypto.randomUUID(), events: EVENTS },
    ...more,
  };
}

async function tell(token: string, headers: Record<string, string> = {}): Promise<number> {
  const body = new URLSearchParams({ logout_token: token }).toString();
  const init = {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
    body,
  };
  const response = await new TestBrowser().request(PATH, init);
  await response.body?.cancel();
  return response.status;
}

const sign = (payload: object, header: object = HEADER) =>
  signToken(testEnv.SIGNING_KEY, { ...payload }, { ...header });

const isAlive = async ({ browser }: { browser: TestBrowser }) => (await browser.request('/v1/me')).status === 200;

describe('A5: a logout notice of the identity provider', () => {
  it('ends the session that it names before it is answered, and no other', async () => {
    const one = await signedIn();
    const other = await signedIn(one.email);
    expect(one.sid).not.toBe(other.sid);
    expect(await tell(await sign(claims({ sid: one.sid })))).toBe(200);
    expect([await isAlive(one), await isAlive(other)]).toEqual([false, true]);
  });

  it('ends all sessions of a person whom it names, and nobody else’s', async () => {
    const one = await signedIn();
    const [same, another] = [await signedIn(one.email), await signedIn()];
    expect(await tell(await sign(claims({ sub: one.subject })))).toBe(200);
    expect([await isAlive(one), await isAlive(same), await isAlive(another)]).toEqual([false, false, true]);
  });

  it('is taken once', async () => {
    const one = await signedIn();
    const token = await sign(claims({ sub: one.subject }));
    expect(await tell(token)).toBe(200);
    const again = await signedIn(one.email);
    expect(await tell(token)).toBe(400);
    expect(await isAlive(again)).toBe(true);
  });

  const MALFORMED: [string, (sid: string) => Promise<string>][] = [
    ['of another type', (sid) => sign(claims({ sid }), { typ: 'JWT' })],
    ['without a type', (sid) => sign(claims({ sid }), {})],
    ['without events', (sid) => sign(claims({ sid, events: undefined }))],
    ['of another event', (sid) => sign(claims({ sid, events: { 'urn:other': {} } }))],
    ['with a nonce', (sid) => sign(claims({ sid, nonce: 'a' }))],
    ['from three minutes ago', (sid) => sign(claims({ sid, iat: Math.floor(Date.now() / 1000) - 180 }))],
    ['from the future', (sid) => sign(claims({ sid, iat: Math.floor(Date.now() / 1000) + 60 }))],
    ['without jti', (sid) => sign(claims({ sid, jti: undefined }))],
    ['that names nobody', () => sign(claims({}))],
    ['for another client', (sid) => sign(claims({ sid, aud: 'other' }))],
    ['of another issuer', (sid) => sign(claims({ sid, iss: testEnv.TENANT_ISSUER }))],
    ['signed by another issuer', (sid) => signToken(testEnv.TENANT_SIGNING_KEY, claims({ sid }), HEADER)],
    ['that is expired', (sid) => sign(claims({ sid, exp: Math.floor(Date.now() / 1000) - 6 }))],
  ];

  it.each(MALFORMED)('%s is refused and ends nothing', async (_name, make) => {
    const one = await signedIn();
    expect(await tell(await make(one.sid))).toBe(400);
    expect(await isAlive(one)).toBe(true);
    expect(await tell(await sign(claims({ sid: one.sid })))).toBe(200); // control: well formed, it is taken
    expect(await isAlive(one)).toBe(false);
  });

  it('must be a form of one token, and small', async () => {
    const token = await sign(claims({ sub: 'a' }));
    expect(await tell(token, { 'content-type': 'application/json' })).toBe(400);
    expect(await tell(`${token}${'x'.repeat(10_000)}`)).toBe(400);
  });
});

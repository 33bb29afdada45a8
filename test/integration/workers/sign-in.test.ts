import { describe, expect, it } from 'vitest';
import { fromBase64, toBase64Url } from '../../../shared/crypto/bytes.ts';
import { signInContext } from '../../../shared/crypto/seal-contexts.ts';
import { ownerSql, testEnv } from '../../harness/mint-tenant.ts';
import { SITE, TestBrowser } from '../../harness/test-browser.ts';

const SIGN_IN = '__Host-eufm_sign_in';
const SESSION = '__Host-eufm_session';
const LOGIN = '/v1/auth/login';

const someone = () => `${crypto.randomUUID()}@example.test`;

/** A browser that has said who it is, and is about to come back to the site. */
async function comingBack(): Promise<{ browser: TestBrowser; callback: URL }> {
  const browser = new TestBrowser();
  return { browser, callback: await browser.answerLogin(LOGIN, someone()) };
}

/** What the sign-in's cookie holds, changed: only a test that has the vault can. */
async function changeAttempt(browser: TestBrowser, callback: URL, change: Record<string, string>): Promise<void> {
  const state = callback.searchParams.get('state') ?? '';
  const context = signInContext(state);
  const sealed = new TextDecoder().decode(fromBase64(browser.own.get(SIGN_IN) ?? '') ?? undefined);
  const opened = await testEnv.VAULT.open(context, sealed);
  if (!opened.ok) throw new Error(opened.error.reason);
  const text = JSON.stringify({ ...JSON.parse(opened.value), ...change });
  const again = await testEnv.VAULT.seal(context, text);
  browser.own.set(SIGN_IN, toBase64Url(new TextEncoder().encode(again)));
}

async function expectRefused(browser: TestBrowser, callback: URL): Promise<void> {
  const response = await browser.request(callback);
  expect(response.status).toBe(400);
  expect(await response.json()).toMatchObject({ code: 'sign_in_failed' });
  expect(browser.own.has(SESSION)).toBe(false);
}

describe('signing in', () => {
  it('brings a new person in by the login page, and knows them again', async () => {
    const email = someone();
    const browser = new TestBrowser();
    const response = await browser.signIn(email, `${LOGIN}?returnTo=/docs%3Fa%3Db`);
    expect([response.status, response.headers.get('location')]).toEqual([302, '/docs?a=b']);
    const me = await (await browser.request('/v1/me')).json<{ id: string }>();
    expect(me).toMatchObject({ email, emailVerified: true, name: 'Somebody', tenants: [], session: {} });
    const other = new TestBrowser();
    await other.signIn(email);
    expect(await (await other.request('/v1/me')).json()).toMatchObject({ id: me.id });
  });

  it('asks for a code with PKCE, a state and a nonce', async () => {
    const response = await new TestBrowser().request(LOGIN);
    const { searchParams } = new URL(response.headers.get('location') ?? '');
    expect(Object.fromEntries(searchParams)).toMatchObject({
      ...{ response_type: 'code', client_id: 'eufm', code_challenge_method: 'S256' },
      redirect_uri: `${SITE}/v1/auth/callback`,
    });
    for (const name of ['state', 'nonce', 'code_challenge']) {
      expect(searchParams.get(name)).toMatch(/^[\w-]{43}$/);
    }
  });

  it('never links people by their address', async () => {
    const email = someone();
    await ownerSql()`insert into users (email, name, email_verified) values (${email}, 'Other', true)`;
    const browser = new TestBrowser();
    const callback = await browser.answerLogin(LOGIN, email);
    const response = await browser.request(callback);
    expect(await response.json()).toMatchObject({ code: 'sign_in_failed', detail: expect.stringContaining('address') });
    expect(browser.own.has(SESSION)).toBe(false);
  });

  it('lets nobody in who is disabled', async () => {
    const email = someone();
    const browser = new TestBrowser();
    await browser.signIn(email);
    await ownerSql()`update users set status = 'disabled' where email = ${email}`;
    expect((await browser.request('/v1/me')).status).toBe(401);
    const again = new TestBrowser();
    await expectRefused(again, await again.answerLogin(LOGIN, email));
  });

  it.each([
    '//evil.test',
    '/\\evil.test',
    'https://evil.test',
    '/%0d%0aset-cookie:a',
    'javascript:alert(1)',
    '/a b',
    '',
  ])('goes back to its own paths only: not to "%s"', async (returnTo) => {
    const path = returnTo.startsWith('/%0d') ? '/\r\nset-cookie:a' : returnTo;
    const response = await new TestBrowser().request(`${LOGIN}?${new URLSearchParams({ returnTo: path })}`);
    expect(response.status).toBe(400);
  });

  it('begins at no provider that is not there, nor at one that is half named', async () => {
    const nobody = new URLSearchParams({ tenantId: crypto.randomUUID(), provider: crypto.randomUUID() });
    expect((await new TestBrowser().request(`${LOGIN}?${nobody}`)).status).toBe(404);
    expect((await new TestBrowser().request(`${LOGIN}?provider=${crypto.randomUUID()}`)).status).toBe(400);
  });
});

describe('A1: against the real oidc-provider, an answer is refused', () => {
  it('control: unchanged, it is accepted, also through the helper that changes what was kept', async () => {
    const { browser, callback } = await comingBack();
    await changeAttempt(browser, callback, {});
    expect((await browser.request(callback)).status).toBe(302);
    expect(browser.own.has(SESSION)).toBe(true);
  });

  it('1: with another state', async () => {
    const { browser, callback } = await comingBack();
    callback.searchParams.set('state', (await comingBack()).callback.searchParams.get('state') ?? '');
    await expectRefused(browser, callback);
  });

  it('2: with the issuer swapped', async () => {
    const { browser, callback } = await comingBack();
    callback.searchParams.set('iss', testEnv.TENANT_ISSUER);
    await expectRefused(browser, callback);
  });

  it('3: with the issuer missing', async () => {
    const { browser, callback } = await comingBack();
    callback.searchParams.delete('iss');
    await expectRefused(browser, callback);
  });

  it('4: when its code was used before', async () => {
    const { browser, callback } = await comingBack();
    const kept = browser.own.get(SIGN_IN) ?? '';
    expect((await browser.request(callback)).status).toBe(302);
    const thief = new TestBrowser();
    await expectRefused(thief, callback); // without the cookie there is nothing to hold it to
    thief.own.set(SIGN_IN, kept);
    await expectRefused(thief, callback);
  });

  it('5: with another code verifier', async () => {
    const { browser, callback } = await comingBack();
    await changeAttempt(browser, callback, { verifier: toBase64Url(crypto.getRandomValues(new Uint8Array(32))) });
    await expectRefused(browser, callback);
  });

  it('6: with another nonce', async () => {
    const { browser, callback } = await comingBack();
    await changeAttempt(browser, callback, { nonce: toBase64Url(crypto.getRandomValues(new Uint8Array(32))) });
    await expectRefused(browser, callback);
  });

  it('7: when it was asked for without PKCE', async () => {
    const browser = new TestBrowser();
    const asked = new URL((await browser.request(LOGIN)).headers.get('location') ?? '');
    asked.searchParams.delete('code_challenge');
    asked.searchParams.delete('code_challenge_method');
    const { url } = await browser.visit(asked, {}, ({ origin }) => origin === SITE);
    expect(url.searchParams.get('error')).toBe('invalid_request');
    await expectRefused(browser, url);
  });

  it('8: when it was asked for with another redirect address', async () => {
    const browser = new TestBrowser();
    const asked = new URL((await browser.request(LOGIN)).headers.get('location') ?? '');
    asked.searchParams.set('redirect_uri', 'https://evil.test/v1/auth/callback');
    const { response } = await browser.visit(asked);
    expect(response.status).toBe(400);
    expect(await response.text()).toContain('redirect_uri');
  });

  it('in a browser that did not begin the sign-in, and ten minutes after it was begun', async () => {
    const { callback } = await comingBack();
    await expectRefused(new TestBrowser(), callback);
    const { browser, callback: late } = await comingBack();
    await changeAttempt(browser, late, { expiresAt: 0 as unknown as string });
    await expectRefused(browser, late);
  });
});

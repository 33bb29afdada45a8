import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launchBrowser } from '../harness/browser.ts';
import { eventually } from '../harness/eventually.ts';
import { dataFolder, type Product, startProduct } from '../harness/product.ts';

type Browser = Awaited<ReturnType<typeof launchBrowser>>;

const folder = dataFolder();
let product: Product;
let browser: Browser;

beforeAll(async () => {
  product = await startProduct(folder.path);
  browser = await launchBrowser();
});

afterAll(async () => {
  await browser?.close();
  await product?.[Symbol.asyncDispose]();
  folder[Symbol.dispose]();
});

/** A browser of one's own that has opened the address of the banner. */
async function openSignIn() {
  const context = await browser.newContext();
  const page = await context.newPage();
  const address = /Sign in +(\S+)/.exec(product.output())?.[1] ?? '';
  await page.goto(address);
  await page.waitForURL('**/sign-in/*');
  return { context, page };
}

type Page = Awaited<ReturnType<typeof openSignIn>>['page'];

async function signInAs(page: Page, email: string, name: string): Promise<void> {
  await page.getByLabel('E-mail').fill(email);
  await page.getByLabel('Name').fill(name);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.waitForURL('**/v1/me');
}

/** A request of a page of the site, as its scripts would make it. */
function fetchFrom(page: Page, path: string, init: RequestInit = {}): Promise<{ status: number; body: string }> {
  return page.evaluate(
    async ([path, init]) => {
      const response = await fetch(path, init);
      return { status: response.status, body: await response.text() };
    },
    [path, init] as const,
  );
}

describe('signing in, from what npm start prints', () => {
  it('brings the seeded administrator to their tenant with one click', async () => {
    const { page } = await openSignIn();
    await page.getByRole('button', { name: 'Local Administrator' }).click();
    await page.waitForURL('**/v1/me');
    const me = JSON.parse((await fetchFrom(page, '/v1/me')).body);
    expect(me).toMatchObject({
      email: 'admin@example.com',
      tenants: [{ tenantId: product.dev.tenantId, roles: ['owner'] }],
    });
  });

  it('brings somebody new in, keeps them in, and ends with the provider’s sign-out', async () => {
    const { context, page } = await openSignIn();
    await signInAs(page, 'grace@example.com', 'Grace');
    expect(JSON.parse((await fetchFrom(page, '/v1/me')).body)).toMatchObject({
      email: 'grace@example.com',
      tenants: [],
    });
    const [cookie] = (await context.cookies(product.dev.baseUrl)).filter(({ name }) => name === '__Host-eufm_session');
    expect(cookie).toMatchObject({ httpOnly: true, secure: true, sameSite: 'Lax', path: '/' });
    expect(await page.evaluate('document.cookie')).toBe('');

    const again = await context.newPage();
    await again.goto(`${product.dev.baseUrl}/v1/auth/login`);
    await again.waitForURL('**/v1/me'); // the identity provider knows them still
    expect(JSON.parse((await fetchFrom(again, '/v1/sessions')).body).data).toHaveLength(1);

    const ended = await fetchFrom(again, '/v1/auth/logout', { method: 'POST' });
    expect(ended.status).toBe(200);
    expect((await fetchFrom(again, '/v1/me')).status).toBe(401);
    await again.goto(JSON.parse(ended.body).endSessionUrl);
    await again.getByRole('button', { name: 'Sign out' }).click();
    await again.waitForURL(`${product.dev.baseUrl}/`);
    await again.goto(`${product.dev.baseUrl}/v1/auth/login`);
    await again.waitForURL('**/sign-in/*');
  });

  it('A5: a sign-out at the identity provider itself ends the session here within five seconds', async () => {
    const { context, page } = await openSignIn();
    await signInAs(page, 'linus@example.com', 'Linus');
    const issuer = new URL((await fetchIssuer(context)).url).origin;
    const other = await context.newPage();
    await other.goto(`${issuer}/session/end`);
    expect((await fetchFrom(page, '/v1/me')).status).toBe(200); // control: until they have confirmed it
    await other.getByRole('button', { name: 'Sign out' }).click();
    const status = async () => (await fetchFrom(page, '/v1/me')).status;
    expect(await eventually(status, (answer) => answer === 401, 5_000)).toBe(401);
  });

  it('A4: another site cannot make this browser change or read anything', async () => {
    const { context, page } = await openSignIn();
    await signInAs(page, 'alan@example.com', 'Alan');
    const evil = await context.newPage();
    const { origin: issuer } = new URL((await fetchIssuer(context)).url); // another origin on this machine
    await evil.goto(`${issuer}/.well-known/openid-configuration`);
    const target = product.dev.baseUrl;
    const send = `(method) => fetch('${target}/v1/sessions', { method, credentials: 'include' }).then(
      (response) => response.status, (error) => error.name)`;
    for (const method of ['GET', 'DELETE']) {
      expect([401, 'TypeError']).toContain(await evil.evaluate(`(${send})('${method}')`)); // without the cookie, if at all
    }
    await evil.evaluate(`
      const form = document.createElement('form');
      form.method = 'post';
      form.action = '${target}/v1/auth/logout';
      document.body.append(form);
      form.submit();`);
    await evil.waitForURL(`${target}/v1/auth/logout`);
    expect((await fetchFrom(page, '/v1/me')).status).toBe(200);
    expect((await fetchFrom(page, '/v1/auth/logout', { method: 'POST' })).status).toBe(200); // control: a page of ours can
  });
});

/** Where the identity provider is, as the sign-in says. */
async function fetchIssuer(context: Awaited<ReturnType<Browser['newContext']>>): Promise<{ readonly url: string }> {
  const response = await context.request.get(`${product.dev.baseUrl}/v1/auth/login`, { maxRedirects: 0 });
  return { url: response.headers().location ?? '' };
}

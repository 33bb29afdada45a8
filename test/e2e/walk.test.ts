import { afterAll, beforeAll, expect, it } from 'vitest';
import type { CreatedApiKey } from '../../shared/contracts/http/api-keys.ts';
import type { AuditEntry } from '../../shared/contracts/http/audit-logs.ts';
import type { CreatedInvitation } from '../../shared/contracts/http/invitations.ts';
import type { Me } from '../../shared/contracts/http/me.ts';
import type { ProviderAccount } from '../../shared/contracts/http/providers.ts';
import type { Role } from '../../shared/contracts/http/roles.ts';
import type { CreatedTenant } from '../../shared/contracts/http/tenants.ts';
import { launchBrowser } from '../harness/browser.ts';
import { eventually } from '../harness/eventually.ts';
import { dataFolder, orchestrate, type Product, query, startProduct } from '../harness/product.ts';

/** A revoked key works nowhere after this time. */
const REVOKED_WITHIN_MS = 5_000;

const folder = dataFolder();
let product: Product;
let browser: Awaited<ReturnType<typeof launchBrowser>>;

beforeAll(async () => {
  product = await startProduct(folder.path);
  browser = await launchBrowser();
});

afterAll(async () => {
  await browser?.close();
  await product?.[Symbol.asyncDispose]();
  folder[Symbol.dispose]();
});

type Page = Awaited<ReturnType<typeof browser.newPage>>;

/** A page of a browser of one's own. */
const openPage = async () => (await browser.newContext()).newPage();

/** Says who one is on the identity provider's page. */
async function giveAddress(page: Page, email: string): Promise<void> {
  await page.waitForURL('**/sign-in/*');
  await page.getByLabel('E-mail').fill(email);
  await page.getByRole('button', { name: 'Sign in' }).click();
}

/** Somebody who has signed in at the address of the banner, and asks the API by their session. */
async function signIn(email: string) {
  const page = await openPage();
  await page.goto(/Sign in +(\S+)/.exec(product.output())?.[1] ?? '');
  await giveAddress(page, email);
  await page.waitForURL('**/v1/me');
  return asking(page);
}

/** Somebody who has opened the link of an invitation, signed in and accepted; what the page says at the end. */
async function accept(link: string, email: string) {
  const page = await openPage();
  await page.goto(link);
  expect(new URL(page.url()).hash).toBe(''); // where others who see the address find no token
  await page.getByRole('link', { name: 'Sign in' }).click();
  await giveAddress(page, email);
  await page.getByText(`You are signed in as ${email}.`).waitFor();
  await page.getByRole('button', { name: 'Accept' }).click();
  await page.getByText('You are a member now').waitFor();
  return { page, said: await page.getByRole('status').textContent() };
}

/** What asks the API from a page, by its person's session. */
function asking(page: Page) {
  const send = async (method: string, path: string, body: unknown, tenantId?: string) => {
    const headers = { 'content-type': 'application/json', ...(tenantId !== undefined && { 'x-tenant-id': tenantId }) };
    const init = { method, headers, ...(body !== undefined && { body: JSON.stringify(body) }) };
    const answer = await page.evaluate(
      async ([path, init]) => {
        const response = await fetch(path, init);
        return { status: response.status, text: await response.text() };
      },
      [path, init] as const,
    );
    if (answer.status >= 400) throw new Error(`${method} ${path}: ${answer.status} ${answer.text}`);
    return answer.text === '' ? null : JSON.parse(answer.text);
  };
  /** Asks for what must be given; answers its JSON. */
  return <T>(method: string, path: string, body?: unknown, tenantId?: string): Promise<T> =>
    send(method, path, body, tenantId);
}

/** Where the demo tenant's account is, which is the simulator. */
async function simulatorUrl(): Promise<string | undefined> {
  const { databaseUrl, tenantId } = product.dev;
  const text = `select base_url from provider_accounts where tenant_id = $1 and provider = 'openai'`;
  const [account] = await query<{ base_url: string }>(databaseUrl, text, [tenantId]);
  return account?.base_url;
}

it('leads from signing in to a revoked key, as the README says, and the audit log tells every step', async () => {
  const ada = await signIn('ada@example.com');
  const { id: adaId, tenants } = await ada<Me>('GET', '/v1/me');
  expect(tenants).toEqual([]);
  const { id: tenantId } = await ada<CreatedTenant>('POST', '/v1/tenants', { name: 'Walk' });

  const roles = await ada<{ data: Role[] }>('GET', '/v1/roles', undefined, tenantId);
  const developer = roles.data.find(({ name }) => name === 'developer')?.id;
  const invitation = { email: 'bob@example.com', roleIds: [developer] };
  const { id: invitationId, link } = await ada<CreatedInvitation>('POST', '/v1/invitations', invitation, tenantId);
  const { page, said } = await accept(link, 'bob@example.com');
  expect(said).toBe(`You are a member now, as developer. The tenant’s id is ${tenantId}.`);
  const bob = asking(page);
  const { id: bobId, tenants: joined } = await bob<Me>('GET', '/v1/me');
  expect(joined).toMatchObject([{ tenantId, roles: ['developer'] }]);

  const account = {
    ...{ provider: 'openai', accountLabel: 'simulator', credentials: { apiKey: 'sk-simulated' } },
    baseUrl: await simulatorUrl(),
  };
  const { id: accountId } = await ada<ProviderAccount>('POST', '/v1/providers', account, tenantId);
  const made = await bob<CreatedApiKey>('POST', '/v1/api-keys', { name: 'walk' }, tenantId);
  const call = async ({ key: apiKey }: CreatedApiKey) =>
    (await orchestrate({ ...product.dev, tenantId, apiKey }, { input: 'Say hello.' })).status;
  expect(await call(made)).toBe(200);

  const successor = await bob<CreatedApiKey>('POST', `/v1/api-keys/${made.id}/rotate`, {}, tenantId);
  expect([await call(made), await call(successor)]).toEqual([200, 200]);

  await ada('DELETE', `/v1/api-keys/${made.id}`, undefined, tenantId);
  expect(
    await eventually(
      () => call(made),
      (status) => status === 401,
      REVOKED_WITHIN_MS,
    ),
  ).toBe(401);
  expect(await call(successor)).toBe(200); // control: the other one is not

  const { data } = await ada<{ data: AuditEntry[] }>('GET', '/v1/audit-logs', undefined, tenantId);
  const steps = data
    .toReversed()
    .filter(({ targetType, action }) => targetType !== 'session' && !action.endsWith('.opened'))
    .map(({ action, actorUserId, targetId }) => [action, actorUserId, targetId]);
  expect(steps).toEqual([
    ['tenant.created', adaId, tenantId],
    ['member.invited', adaId, invitationId],
    ['invitation.accepted', bobId, invitationId],
    ['provider_account.created', adaId, accountId],
    ['api_key.created', bobId, made.id],
    ['api_key.rotated', bobId, made.id],
    ['api_key.revoked', adaId, made.id],
  ]);
});

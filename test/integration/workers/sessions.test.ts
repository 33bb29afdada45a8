import { describe, expect, it } from 'vitest';
import { mintTenant, ownerSql, type TestTenant } from '../../harness/mint-tenant.ts';
import { joinAs } from '../../harness/people.ts';
import { FROM_HERE, type SignedIn, signedIn } from '../../harness/signed-in.ts';
import { SITE, TestBrowser } from '../../harness/test-browser.ts';

const SESSION = '__Host-eufm_session';
const CONSOLE = 'https://console.eufm.example';

const giveRole = (person: SignedIn, { tenantId }: TestTenant, role: string) => joinAs(person, tenantId, role);

const tokenOf = ({ browser }: SignedIn) => browser.own.get(SESSION) ?? '';

/** What a cookie with that token is answered. */
async function statusOf(token: string): Promise<number> {
  const browser = new TestBrowser();
  browser.own.set(SESSION, token);
  return (await browser.request('/v1/me')).status;
}

const sessionsOf = async ({ browser }: SignedIn) =>
  (await (await browser.request('/v1/sessions')).json<{ data: { id: string; isCurrent: boolean }[] }>()).data;

const auditOf = ({ tenantId }: TestTenant) =>
  ownerSql()`select action, metadata ->> 'reason' as reason from audit_logs
    where tenant_id = ${tenantId} and target_type = 'session' order by created_at`;

describe('A4: a session', () => {
  it('is a __Host- cookie that scripts and other sites do not get, of 256 bits that are stored as a hash', async () => {
    const person = await signedIn();
    const lines = person.browser.setCookies.filter((line) => line.startsWith(`${SESSION}=`));
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(/^__Host-eufm_session=[\w-]{43}; Path=\/; Max-Age=43200; Secure; HttpOnly; SameSite=Lax$/);
    for (const line of person.browser.setCookies)
      expect(line).toMatch(/^__Host-.*Path=\/; .*Secure; HttpOnly; SameSite=/);
    const [row] = await ownerSql()`select sessions::text as text from sessions where user_id = ${person.userId}`;
    expect(row?.text).not.toContain(tokenOf(person));
  });

  it('gets a new id at each login, and the one before is dead at once', async () => {
    const person = await signedIn();
    const before = tokenOf(person);
    await person.browser.visit('/v1/auth/login'); // where the identity provider knows them still
    expect(tokenOf(person)).not.toBe(before);
    expect(await statusOf(before)).toBe(401);
    expect(await statusOf(tokenOf(person))).toBe(200);
  });

  it('is never the one that a browser was given by somebody else', async () => {
    const planted = 'x'.repeat(43);
    const browser = new TestBrowser();
    browser.own.set(SESSION, planted);
    await browser.signIn(`${crypto.randomUUID()}@example.test`);
    expect(browser.own.get(SESSION)).not.toBe(planted);
    expect(await statusOf(planted)).toBe(401);
  });

  it('gets a new id when its person’s rights change, and the one before is dead at once', async () => {
    const [person, tenant] = [await signedIn(), await mintTenant()];
    const first = tokenOf(person);
    expect((await person.browser.request('/v1/me')).status).toBe(200);
    expect(tokenOf(person)).toBe(first); // control: nothing changed
    await giveRole(person, tenant, 'viewer');
    const me = await (await person.browser.request('/v1/me')).json();
    expect(me).toMatchObject({ tenants: [{ tenantId: tenant.tenantId, roles: ['viewer'] }] });
    const second = tokenOf(person);
    expect(second).not.toBe(first);
    expect(await statusOf(first)).toBe(401);
    await ownerSql()`delete from user_roles where user_id = ${person.userId}`;
    expect((await person.browser.request('/v1/me')).status).toBe(200);
    expect(tokenOf(person)).not.toBe(second);
    expect(await statusOf(second)).toBe(401);
  });

  it.each([
    ['30 minutes after its last use', "last_seen_at = now() - interval '30 minutes'", 401],
    ['12 hours after the sign-in, however much it is used', "created_at = now() - interval '12 hours'", 401],
    ['control: not before its idle limit', "last_seen_at = now() - interval '29 minutes'", 200],
    ['control: not before its absolute limit', "created_at = now() - interval '11 hours 59 minutes'", 200],
  ])('ends %s', async (_name, change, status) => {
    const person = await signedIn();
    await ownerSql().query(`update sessions set ${change} where user_id = $1`, [person.userId]);
    expect(await statusOf(tokenOf(person))).toBe(status);
    expect(await statusOf(tokenOf(person))).toBe(status);
  });

  it('is extended by use, written at most once a minute', async () => {
    const person = await signedIn();
    const seen = async (change: string) => {
      const sql = ownerSql();
      await sql.query(`update sessions set last_seen_at = ${change} where user_id = $1`, [person.userId]);
      const age = () => sql`select now() - last_seen_at < interval '40 seconds' as fresh from sessions
        where user_id = ${person.userId}`;
      await person.browser.request('/v1/me');
      return (await age())[0]?.fresh;
    };
    expect(await seen("now() - interval '61 seconds'")).toBe(true);
    expect(await seen("now() - interval '50 seconds'")).toBe(false);
  });

  it('acts for its person in the tenants that they belong to, and in no other', async () => {
    const [person, tenant, other] = [await signedIn(), await mintTenant(), await mintTenant()];
    await giveRole(person, tenant, 'analyst');
    const usage = (headers: Record<string, string>) => person.browser.request('/v1/metrics/usage', { headers });
    expect((await usage({ 'x-tenant-id': tenant.tenantId })).status).toBe(200);
    expect(await (await usage({ 'x-tenant-id': other.tenantId })).json()).toMatchObject({ code: 'tenant_mismatch' });
    expect(await (await usage({})).json()).toMatchObject({ code: 'tenant_header_missing' });
    const denied = await person.browser.request('/v1/budgets', {
      method: 'POST',
      headers: { ...FROM_HERE, 'x-tenant-id': tenant.tenantId, 'content-type': 'application/json' },
      body: JSON.stringify({ name: 'a', amountUsd: '1', period: 'day' }),
    });
    expect(await denied.json()).toMatchObject({ code: 'permission_denied' });
  });

  it('is not looked at where a request has another credential', async () => {
    const [person, tenant] = [await signedIn(), await mintTenant()];
    await giveRole(person, tenant, 'analyst');
    for (const more of [{ authorization: 'Bearer nonsense' }, { authorization: 'Basic a' }, { 'x-api-key': 'eufm_' }]) {
      const headers = { 'x-tenant-id': tenant.tenantId, ...more };
      expect((await person.browser.request('/v1/metrics/usage', { headers })).status).toBe(401);
    }
  });
});

describe('A4: what another site makes a browser send', () => {
  const FORGED: [string, Record<string, string>][] = [
    ['without an origin', {}],
    ['from another origin', { origin: 'https://evil.test' }],
    ['from an opaque origin', { origin: 'null' }],
    ['from a name that begins as ours', { origin: `${SITE}.evil.test` }],
    ['from a name that ends as ours', { origin: 'https://evilgateway.test' }],
    ['from ours without TLS', { origin: 'http://gateway.test' }],
    ['from another port', { origin: `${SITE}:8443` }],
    ['from ours, though the browser says that it is another’s', { ...FROM_HERE, 'sec-fetch-site': 'cross-site' }],
    ['from an allowed one, though the browser says otherwise', { origin: CONSOLE, 'sec-fetch-site': 'cross-site' }],
    ['with only a referrer of ours', { referer: `${SITE}/docs` }],
  ];
  const WRITES: [string, string, object?][] = [
    ['DELETE', '/v1/sessions'],
    ['DELETE', '/v1/sessions/00000000-0000-4000-8000-0000000000ff'],
    ['POST', '/v1/auth/logout'],
    ['POST', '/v1/budgets', { name: 'forged', amountUsd: '1', period: 'day' }],
    ['PATCH', '/v1/budgets/00000000-0000-4000-8000-0000000000ff', { hardStop: false }],
  ];

  it.each(FORGED)('%s changes nothing', async (_name, headers) => {
    const [person, tenant] = [await signedIn(), await mintTenant()];
    await giveRole(person, tenant, 'admin');
    await person.browser.request('/v1/me');
    for (const [method, path, body] of WRITES) {
      const response = await person.browser.request(path, {
        method,
        headers: { ...headers, 'x-tenant-id': tenant.tenantId, 'content-type': 'application/json' },
        ...(body && { body: JSON.stringify(body) }),
      });
      expect([path, response.status]).toEqual([path, 403]);
      expect(await response.json()).toMatchObject({ code: 'cross_site_request' });
    }
    expect(await statusOf(tokenOf(person))).toBe(200);
    expect(await ownerSql()`select from budgets where tenant_id = ${tenant.tenantId}`).toHaveLength(0);
  });

  it.each([SITE, CONSOLE])('control: the same from %s is done', async (origin) => {
    const [person, tenant] = [await signedIn(), await mintTenant()];
    await giveRole(person, tenant, 'admin');
    const headers = { origin, 'sec-fetch-site': 'same-site', 'x-tenant-id': tenant.tenantId };
    const body = JSON.stringify({ name: 'meant', amountUsd: '1', period: 'day' });
    const made = await person.browser.request('/v1/budgets', {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/json' },
      body,
    });
    expect(made.status).toBe(201);
    expect((await person.browser.request('/v1/sessions', { method: 'DELETE', headers })).status).toBe(200);
  });
});

describe('sessions', () => {
  it('are listed, and ended one by one or all others at once', async () => {
    const person = await signedIn();
    const others = [await signedIn(person.email), await signedIn(person.email), await signedIn(person.email)];
    const listed = await sessionsOf(person);
    expect(listed).toHaveLength(4);
    expect(listed.filter(({ isCurrent }) => isCurrent)).toHaveLength(1);
    const [first] = others;
    const id = first && (await sessionsOf(first)).find(({ isCurrent }) => isCurrent)?.id;
    const end = (path: string) => person.browser.request(path, { method: 'DELETE', headers: FROM_HERE });
    expect((await end(`/v1/sessions/${id}`)).status).toBe(204);
    expect((await end(`/v1/sessions/${id}`)).status).toBe(404);
    expect(await statusOf(tokenOf(first ?? person))).toBe(401);
    expect(await (await end('/v1/sessions')).json()).toEqual({ ended: 2 });
    for (const other of others) expect(await statusOf(tokenOf(other))).toBe(401);
    expect(await statusOf(tokenOf(person))).toBe(200);
  });

  it('of another person are as good as none', async () => {
    const [person, other] = [await signedIn(), await signedIn()];
    const [theirs] = await sessionsOf(other);
    const response = await person.browser.request(`/v1/sessions/${theirs?.id}`, {
      method: 'DELETE',
      headers: FROM_HERE,
    });
    const absent = await person.browser.request(`/v1/sessions/${crypto.randomUUID()}`, {
      method: 'DELETE',
      headers: FROM_HERE,
    });
    const bodyOf = async (answer: Response) => ({ ...(await answer.json<object>()), instance: '' });
    expect(await bodyOf(response)).toEqual(await bodyOf(absent));
    expect(response.status).toBe(404);
    expect(await statusOf(tokenOf(other))).toBe(200);
  });

  it('end at logout, which names where to sign out at the identity provider', async () => {
    const [person, tenant] = [await signedIn(), await mintTenant()];
    await giveRole(person, tenant, 'viewer');
    await person.browser.request('/v1/me');
    const token = tokenOf(person);
    const response = await person.browser.request('/v1/auth/logout', { method: 'POST', headers: FROM_HERE });
    const { endSessionUrl } = await response.json<{ endSessionUrl: string }>();
    expect(new URL(endSessionUrl).searchParams.get('client_id')).toBe('eufm');
    expect(person.browser.own.has(SESSION)).toBe(false);
    expect(await statusOf(token)).toBe(401);
    expect(await auditOf(tenant)).toEqual([{ action: 'session.ended', reason: 'signed_out' }]);
    const back = await signedIn(person.email);
    expect((await auditOf(tenant)).map(({ action }) => action)).toEqual(['session.ended', 'session.created']);
    expect(back.userId).toBe(person.userId);
  });

  it('are for people: an API key is refused, and nobody is asked to sign in', async () => {
    const { headers } = await mintTenant();
    for (const path of ['/v1/me', '/v1/sessions']) {
      const asKey = await new TestBrowser().request(path, { headers });
      expect(await asKey.json()).toMatchObject({ status: 403, code: 'permission_denied' });
      expect((await new TestBrowser().request(path)).status).toBe(401);
    }
  });
});

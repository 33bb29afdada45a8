import { exports } from 'cloudflare:workers';
import { describe, expect, it } from 'vitest';
import { ENDINGS } from '../../../shared/contracts/event-socket.ts';
import { ACCESS_LOOK_MS } from '../../../workers/gateway/realtime/constants.ts';
import { EventsReader } from '../../harness/events-reader.ts';
import { eventually } from '../../harness/eventually.ts';
import { mintTenant, ownerSql, type TestTenant } from '../../harness/mint-tenant.ts';
import { builtInRole, joinAs, mintPerson } from '../../harness/people.ts';
import { done, send } from '../../harness/send.ts';
import { FROM_HERE, signedIn } from '../../harness/signed-in.ts';
import { HubSocket, PlayedSender } from '../../harness/told-events.ts';

/** What a revocation may take. */
const REVOKED_IN_MS = 5_000;
const SCOPES = ['events:read'];

const SESSION_COOKIE = '__Host-eufm_session';

type Headers = Readonly<Record<string, string>>;

/** Asks for the WebSocket as a client does. */
const connect = (headers: Headers, query = '') =>
  exports.default.fetch(`https://gateway.test/v1/events/ws${query}`, { headers: { ...headers, upgrade: 'websocket' } });

async function openSocket(headers: Headers, query = ''): Promise<HubSocket> {
  const { status, webSocket } = await connect(headers, query);
  if (!webSocket) throw new Error(`no socket: ${status}`);
  return new HubSocket(webSocket);
}

/** A tenant with its owner and one more key. */
async function mintOwned(plan = 'enterprise') {
  const tenant = await mintTenant({ scopes: SCOPES });
  await ownerSql()`update tenants set plan = ${plan} where id = ${tenant.tenantId}`;
  const owner = await mintPerson();
  await joinAs(owner, tenant.tenantId, 'owner');
  const headers = owner.in(tenant.tenantId);
  const made = await done<{ id: string; key: string }>(headers, 'POST', '/v1/api-keys', {
    ...{ name: 'second', scopes: SCOPES, environmentId: tenant.environmentId },
  });
  return { tenant, owner: headers, second: { id: made.id, headers: { ...tenant.headers, 'x-api-key': made.key } } };
}

/** How a stream ends. */
const endOf = async (reader: EventsReader) => (await reader.rest()).at(-1);

describe('L8: a thousand streams on one tenant', () => {
  it('are closed within five seconds of their key’s revocation, and none is opened after it; those of another key go on', {
    timeout: 120_000,
  }, async () => {
    const { tenant, owner, second } = await mintOwned();
    const revoked = await Promise.all(Array.from({ length: 900 }, () => EventsReader.open(second.headers)));
    const sockets = await Promise.all(Array.from({ length: 100 }, () => openSocket(second.headers)));
    const others = [await EventsReader.open(tenant.headers), await EventsReader.open(tenant.headers)];
    const ends: unknown[] = [];
    for (const reader of revoked) void endOf(reader).then((end) => ends.push(end?.data.reason));
    await done(owner, 'DELETE', `/v1/api-keys/${second.id}`);
    const after = await Promise.all(
      Array.from({ length: 20 }, (_, at) =>
        at % 2 === 0 ? connect(second.headers) : send(second.headers, 'GET', '/v1/events'),
      ),
    );
    expect(after.map(({ status }) => status)).toEqual(Array(20).fill(401));
    const closed = () => sockets.filter(({ closed }) => closed?.code === ENDINGS.unauthenticated).length;
    const count = await eventually(
      async () => ends.length + closed(),
      (ended) => ended === 1_000,
      REVOKED_IN_MS,
    );
    expect(count).toBe(1_000);
    expect(new Set(ends)).toEqual(new Set(['unauthenticated']));
    await new PlayedSender(tenant).tell(1);
    for (const other of others) expect(await other.take(1)).toHaveLength(1); // control: they were not closed with them
    for (const other of others) await other.leave();
  });
});

describe('who reads', () => {
  it.each<[string, string, (world: Awaited<ReturnType<typeof mintOwned>>) => Promise<unknown>]>([
    [
      'a key that loses the permission',
      'permission_denied',
      ({ owner, second }) => done(owner, 'PATCH', `/v1/api-keys/${second.id}`, { scopes: ['usage:read'] }),
    ],
    [
      'a key that may not be used from there any more',
      'permission_denied',
      ({ owner, second }) => done(owner, 'PATCH', `/v1/api-keys/${second.id}`, { ipAllowList: ['192.0.2.0/24'] }),
    ],
    [
      'a tenant that is suspended',
      'tenant_suspended',
      ({ owner, tenant }) => done(owner, 'POST', `/v1/tenants/${tenant.tenantId}/suspend`),
    ],
  ])('is closed: %s', async (_name, reason, change) => {
    const world = await mintOwned();
    const reader = await EventsReader.open(world.second.headers);
    const socket = await openSocket(world.second.headers);
    await change(world);
    expect(await endOf(reader)).toMatchObject({ event: 'end', data: { reason } });
    await eventually(
      async () => socket.closed,
      (closed) => closed !== null,
    );
    expect(socket.words.at(-1)).toBe(`end ${reason}`);
  });

  it('is closed: a person whose role is taken away', async () => {
    const { tenant, owner } = await mintOwned();
    const member = await mintPerson();
    await joinAs(member, tenant.tenantId, 'developer');
    const reader = await EventsReader.open(member.in(tenant.tenantId));
    const socket = await openSocket(member.in(tenant.tenantId));
    await new PlayedSender(tenant).tell(1);
    expect(await reader.take(1)).toHaveLength(1); // control: they could
    await eventually(
      async () => socket.sequences,
      ({ length }) => length === 1,
    );
    await done(owner, 'PATCH', `/v1/members/${member.userId}`, { roleIds: [await builtInRole('billing')] });
    expect(await endOf(reader)).toMatchObject({ event: 'end', data: { reason: 'permission_denied' } });
    expect(
      await eventually(
        async () => socket.closed,
        (closed) => closed !== null,
      ),
    ).toEqual({ code: ENDINGS.permission_denied });
  });

  it('has as many connections as the plan allows', async () => {
    const { tenant } = await mintOwned('starter');
    const sockets: HubSocket[] = [];
    for (let count = 0; count < 100; count++) sockets.push(await openSocket(tenant.headers));
    const refused = await send(tenant.headers, 'GET', '/v1/events');
    expect([refused.status, await refused.json()]).toMatchObject([429, { code: 'concurrency_limited' }]);
    expect(refused.headers.get('retry-after')).not.toBeNull();
    sockets[0]?.socket.close();
    const taken = await eventually(
      () => connect(tenant.headers),
      ({ status }) => status === 101,
    );
    expect(taken.status).toBe(101);
  });

  it.each<[string, string, (tenant: TestTenant) => object[]]>([
    ['types', '?types=request,task', () => []],
    ['an environment that is not the alert’s', `?environmentId=${crypto.randomUUID()}`, () => []],
    ['a task', `?taskId=${crypto.randomUUID()}`, () => []],
    ['a key', `?apiKeyId=${crypto.randomUUID()}`, () => []],
    ['alerts', '?types=alert', () => [{ type: 'alert.fired' }]],
    ['types said one by one', '?types=alert&types=task', () => [{ type: 'alert.fired' }]],
  ])('is told what they chose: %s', async (_name, query, expected) => {
    const tenant = await mintTenant({ scopes: SCOPES });
    await (await EventsReader.open(tenant.headers)).leave();
    await new PlayedSender(tenant).tell(1);
    const reader = await EventsReader.open(tenant.headers, `${query}&cursor=0&follow=false`);
    const events = (await reader.rest()).filter(({ event }) => event !== 'end');
    expect(events.map(({ event }) => ({ type: event }))).toEqual(expected(tenant));
  });
});

describe('a person who is signed in', () => {
  /** A developer of the tenant whose session does not know it yet: it gets another cookie with the next answer. */
  async function developer() {
    const { tenant } = await mintOwned();
    const person = await signedIn();
    await joinAs(person, tenant.tenantId, 'developer');
    return { tenant, ...person };
  }

  type Developer = Awaited<ReturnType<typeof developer>>;

  async function openedSocket({ tenant, browser }: Developer): Promise<HubSocket> {
    const headers = { ...FROM_HERE, upgrade: 'websocket' };
    const { status, webSocket } = await browser.request(`/v1/events/ws?tenantId=${tenant.tenantId}`, { headers });
    if (!webSocket) throw new Error(`no socket: ${status}`);
    return new HubSocket(webSocket);
  }

  async function openedReader({ tenant, browser }: Developer): Promise<EventsReader> {
    const response = await browser.request(`/v1/events?tenantId=${tenant.tenantId}`);
    if (response.status !== 200) throw new Error(`${response.status} ${await response.text()}`);
    return new EventsReader(response);
  }

  const setLastUse = ({ userId }: Developer, ago: string) =>
    ownerSql().query(`update sessions set last_seen_at = now() - interval '${ago}' where user_id = $1`, [userId]);

  it('reads by the cookie of their browser, and goes on when its session gets another one, up to the session’s idle limit', async () => {
    const person = await developer();
    const { browser, tenant } = person;
    const before = browser.own.get(SESSION_COOKIE);
    const socket = await openedSocket(person);
    const renewed = browser.own.get(SESSION_COOKIE);
    expect(renewed).not.toBe(before);
    const reader = await openedReader(person);
    await joinAs(person, tenant.tenantId, 'viewer');
    await setLastUse(person, '29 minutes');
    await scheduler.wait(ACCESS_LOOK_MS + 500); // both are looked at by now
    const [row] = await ownerSql()`select last_seen_at < now() - interval '29 minutes' as unused from sessions
      where user_id = ${person.userId}`;
    expect(row).toEqual({ unused: true }); // an open stream is no use of it
    expect((await browser.request('/v1/me')).status).toBe(200); // and no look has given its cookie away
    expect(browser.own.get(SESSION_COOKIE)).not.toBe(renewed);
    await new PlayedSender(tenant).tell(1);
    expect(await reader.take(1)).toHaveLength(1);
    await eventually(
      async () => socket.sequences,
      ({ length }) => length === 1,
    );
    await setLastUse(person, '30 minutes');
    expect(await endOf(reader)).toMatchObject({ event: 'end', data: { reason: 'unauthenticated' } });
  });

  it('is told nothing more within five seconds of their sign-out; another session of theirs goes on', async () => {
    const person = await developer();
    const [socket, reader] = [await openedSocket(person), await openedReader(person)];
    const other = await openedReader({ ...person, ...(await signedIn(person.email)) });
    const ending = endOf(reader);
    expect((await person.browser.request('/v1/auth/logout', { method: 'POST', headers: FROM_HERE })).status).toBe(200);
    const closed = await eventually(
      async () => socket.closed,
      (closed) => closed !== null,
      REVOKED_IN_MS,
    );
    expect(closed).toEqual({ code: ENDINGS.unauthenticated });
    expect(await ending).toMatchObject({ event: 'end', data: { reason: 'unauthenticated' } });
    await new PlayedSender(person.tenant).tell(1);
    expect(await other.take(1)).toHaveLength(1); // control: it is the session that ended
    await other.leave();
  });

  it('opens no socket from another page or from none, and no stream of a tenant that they are no member of', async () => {
    const person = await developer();
    const path = `/v1/events/ws?tenantId=${person.tenant.tenantId}`;
    for (const headers of [{}, { origin: 'https://evil.example' }, { origin: 'null' }]) {
      const refused = await person.browser.request(path, { headers: { ...headers, upgrade: 'websocket' } });
      expect([refused.status, await refused.json()]).toMatchObject([403, { code: 'cross_site_request' }]);
    }
    const { tenantId } = await mintTenant();
    const foreign = await person.browser.request(`/v1/events?tenantId=${tenantId}`);
    expect([foreign.status, await foreign.json()]).toMatchObject([403, { code: 'tenant_mismatch' }]);
    expect((await openedSocket(person)).closed).toBeNull(); // control: from a page of ours, in their own
  });
});

describe('R8: a WebSocket', () => {
  const ORIGIN = { origin: 'https://console.eufm.example' };

  it('is opened from our pages, from those that are configured, and with a key or token without any', async () => {
    const { tenant, owner } = await mintOwned();
    for (const headers of [
      tenant.headers,
      owner,
      { ...tenant.headers, ...ORIGIN },
      { ...owner, origin: 'https://gateway.test' },
    ]) {
      expect((await openSocket(headers)).closed).toBeNull();
    }
  });

  it('is refused from another page', async () => {
    const { tenant } = await mintOwned();
    for (const origin of ['https://evil.example', 'null', 'https://console.eufm.example.evil.example']) {
      const refused = await connect({ ...tenant.headers, origin });
      expect([refused.status, await refused.json()]).toMatchObject([403, { code: 'cross_site_request' }]);
    }
  });

  it('names its tenant in the query where no header can be sent; another one is refused', async () => {
    const { tenant } = await mintOwned();
    const { 'x-tenant-id': _, ...headers } = tenant.headers;
    expect((await connect(headers)).status).toBe(400);
    expect((await openSocket(headers, `?tenantId=${tenant.tenantId}`)).closed).toBeNull();
    expect((await connect(headers, `?tenantId=${crypto.randomUUID()}`)).status).toBe(403);
  });

  it('T1: with ids of another tenant it is told what one with ids of nobody is told', async () => {
    const [mine, theirs] = [await mintOwned(), await mintOwned()];
    const senders = [new PlayedSender(theirs.tenant), new PlayedSender(mine.tenant)];
    const told = async (apiKeyId: string, environmentId: string, taskId: string) => {
      const query = new URLSearchParams({ apiKeyId, environmentId, taskId });
      const socket = await openSocket(mine.tenant.headers, `?${query}`);
      socket.send({ type: 'subscribe', id: 'more', apiKeyId, environmentId, taskId });
      const all = await openSocket(mine.tenant.headers); // control: what happens in its own tenant comes
      for (const sender of senders) await sender.tell(1);
      await eventually(
        async () => [all.sequences.length, socket.words.length],
        ([events, words]) => events === 1 && words === 2,
      );
      return { events: socket.events, words: socket.words };
    };
    const { apiKeyId, environmentId, tenantId } = theirs.tenant;
    const found = await told(apiKeyId, environmentId, tenantId);
    expect(found).toEqual({ events: [], words: ['ready', 'subscribed'] });
    expect(found).toEqual(await told(crypto.randomUUID(), crypto.randomUUID(), crypto.randomUUID()));
  });

  it('is asked for as one: a plain request is told so', async () => {
    const { tenant } = await mintOwned();
    expect((await send(tenant.headers, 'GET', '/v1/events/ws')).status).toBe(400);
  });
});

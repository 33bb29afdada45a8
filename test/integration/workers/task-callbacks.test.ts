import { createExecutionContext } from 'cloudflare:test';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Page } from '../../../shared/contracts/http/page.ts';
import type { Problem } from '../../../shared/contracts/http/problem.ts';
import type { TaskDetailView, TaskView } from '../../../shared/contracts/http/tasks.ts';
import type {
  CreatedWebhookSigningSecret,
  WebhookSigningSecret,
} from '../../../shared/contracts/http/webhook-signing-secrets.ts';
import { createApp } from '../../../workers/gateway/app.ts';
import { createPorts } from '../../../workers/gateway/create-ports.ts';
import { eventually } from '../../harness/eventually.ts';
import { mintTenant, ownerSql, type TestTenant, testEnv } from '../../harness/mint-tenant.ts';
import { type PlayedReceiver, playReceiver } from '../../harness/played-receiver.ts';
import { privateUrls } from '../../harness/private-urls.ts';
import { done, refused, send } from '../../harness/send.ts';
import { isSignedWebhook } from '../../harness/verify-webhook.ts';

const SECRETS = '/v1/webhook-signing-secrets';
const SCOPES = ['tasks:read', 'tasks:write', 'orchestrate:invoke', 'keys:read', 'keys:write', 'audit:read'];

afterEach(() => vi.restoreAllMocks());

const mint = () => mintTenant({ scopes: SCOPES });

const received = async (receiver: PlayedReceiver, count: number) => {
  await eventually(
    async () => receiver.received.length,
    (length) => length >= count,
  );
  expect(receiver.received).toHaveLength(count);
  return receiver.received;
};

const create = ({ headers }: TestTenant, body: object) => done<TaskView>(headers, 'POST', '/v1/tasks', body);
const rotate = ({ headers }: TestTenant, body: object = {}) =>
  done<CreatedWebhookSigningSecret>(headers, 'POST', `${SECRETS}/rotate`, body);

describe('a task with a callback', () => {
  it('is told of at once when it has ended, signed, and shows how far that is', async () => {
    const tenant = await mint();
    const { secret } = await rotate(tenant);
    const receiver = playReceiver();
    const task = await create(tenant, { input: 'hello', callbackUrl: receiver.url, metadata: { order: 7 } });
    expect(task).toMatchObject({ callbackUrl: receiver.url, status: 'queued' });
    const [callback] = await received(receiver, 1);
    const body = JSON.parse(callback?.body ?? '');
    expect(body).toMatchObject({ type: 'task.updated', tenantId: tenant.tenantId });
    const read = () => done<TaskDetailView>(tenant.headers, 'GET', `/v1/tasks/${task.id}`);
    const shown = await eventually(read, ({ callbackDeliveries }) => callbackDeliveries?.[0]?.status === 'succeeded');
    const { output, callbackDeliveries, ...told } = shown;
    expect(body.data, 'the task as it is shown, but for its output').toEqual(told);
    expect(output).not.toBeNull();
    expect(callbackDeliveries).toEqual([
      {
        ...{ id: callback?.headers['webhook-id'], status: 'succeeded', attempts: 1, responseCode: 200, error: null },
        ...{ sentAt: expect.any(String), nextTryAt: null, createdAt: expect.any(String) },
      },
    ]);
    expect(isSignedWebhook(secret, callback?.headers ?? {}, callback?.body ?? '')).toBe(true);
    expect(isSignedWebhook(secret, callback?.headers ?? {}, `${callback?.body} `), 'control').toBe(false);
  });

  it('may be one of a batch, a request that is async, one that is canceled, and one that is tried again', async () => {
    const tenant = await mint();
    const receiver = playReceiver();
    const later = new Date(Date.now() + 3_600_000).toISOString();
    const asked = { input: 'hello', callbackUrl: receiver.url };
    await done(tenant.headers, 'POST', '/v1/tasks/batch', { tasks: [asked, { input: 'hello' }] });
    await done(tenant.headers, 'POST', '/v1/orchestrate', { ...asked, async: true });
    const { id } = await create(tenant, { ...asked, executeAt: later });
    await done(tenant.headers, 'POST', `/v1/tasks/${id}/cancel`);
    await received(receiver, 3);
    await done(tenant.headers, 'POST', `/v1/tasks/${id}/retry`);
    const callbacks = await received(receiver, 4);
    const told = callbacks.map(({ body }) => JSON.parse(body).data).filter((task) => task.id === id);
    expect(told.map(({ status }) => status)).toEqual(['canceled', 'succeeded']);
    const shown = await done<TaskDetailView>(tenant.headers, 'GET', `/v1/tasks/${id}`);
    expect(shown.callbackDeliveries).toHaveLength(2);
  });

  it('is none of a request whose caller waits for its answer', async () => {
    const { headers } = await mint();
    const body = { input: 'hello', callbackUrl: 'https://receiver.example/' };
    const problem = await refused(headers, 'POST', '/v1/orchestrate', body);
    expect(problem).toMatchObject({ status: 400, code: 'not_supported', errors: [{ pointer: '/callbackUrl' }] });
  });

  it('I6: is not accepted with a private URL, in a batch and by async neither', async () => {
    const tenant = await mint();
    const ask = async (ALLOW_PRIVATE_UPSTREAMS: 'true' | 'false', path: string, body: object) => {
      const app = createApp(() => createPorts({ ...testEnv, ALLOW_PRIVATE_UPSTREAMS }));
      const init = { method: 'POST', headers: tenant.headers, body: JSON.stringify(body) };
      const response = await app.fetch(
        new Request(`https://gateway.test${path}`, init),
        testEnv,
        createExecutionContext(),
      );
      const { errors = [] } = await response.json<Problem>();
      return [response.status, ...errors.map(({ pointer }) => pointer)];
    };
    const of = (callbackUrl: string) => ({
      input: 'hello',
      callbackUrl,
      executeAt: new Date(Date.now() + 3_600_000).toISOString(),
    });
    const urls = privateUrls(9);
    expect(urls.length).toBeGreaterThanOrEqual(60);
    for (const url of urls)
      expect([url, ...(await ask('false', '/v1/tasks', of(url)))]).toEqual([url, 400, '/callbackUrl']);
    const [url = ''] = urls;
    expect(await ask('false', '/v1/tasks/batch', { tasks: [{ input: 'a' }, of(url)] })).toEqual([
      400,
      '/tasks/1/callbackUrl',
    ]);
    const { executeAt: _, ...plain } = of(url);
    expect(await ask('false', '/v1/orchestrate', { ...plain, async: true })).toEqual([400, '/callbackUrl']);
    expect(await ask('false', '/v1/tasks', of('https://receiver.example/#there'))).toEqual([400, '/callbackUrl']);
    expect(await ask('true', '/v1/tasks', of(testEnv.CLOSED_URL)), 'control: a development may').toEqual([202]);
  });
});

describe('the secret that callbacks are signed by', () => {
  it('W3: while one replaces another both verify, and no delivery is lost', async () => {
    const tenant = await mint();
    const receiver = playReceiver();
    const old = await rotate(tenant);
    await create(tenant, { input: 'hello', callbackUrl: receiver.url });
    await received(receiver, 1);
    const current = await rotate(tenant, { overlapSeconds: 3_600 });
    await create(tenant, { input: 'hello', callbackUrl: receiver.url });
    await received(receiver, 2);
    const last = await rotate(tenant, { overlapSeconds: 0 });
    await create(tenant, { input: 'hello', callbackUrl: receiver.url });
    const callbacks = await received(receiver, 3);
    const verified = callbacks.map(({ headers, body }) =>
      [old, current, last].map(({ secret }) => isSignedWebhook(secret, headers, body)),
    );
    expect(verified).toEqual([
      [true, false, false],
      [true, true, false],
      [false, false, true], // control: without an overlap the old ones do not
    ]);
  });

  it('is shown once, sealed, listed without itself, and each making of one is an entry of the audit log', async () => {
    const tenant = await mint();
    const first = await rotate(tenant);
    expect(first).toMatchObject({ expiresAt: null, secret: expect.stringMatching(/^whsec_[A-Za-z0-9+/]{43}=$/) });
    const second = await rotate(tenant);
    const { data } = await done<Page<WebhookSigningSecret>>(tenant.headers, 'GET', SECRETS);
    expect(data.map(({ id }) => id)).toEqual([first.id, second.id]);
    expect(Date.parse(data[0]?.expiresAt ?? '') - Date.parse(second.createdAt)).toBe(86_400_000);
    expect(data[1]?.expiresAt).toBeNull();
    const log = await (
      await send(tenant.headers, 'GET', '/v1/audit-logs?action=webhook_signing_secret.created')
    ).text();
    expect(log.match(/webhook_signing_secret.created/g)).toHaveLength(2);
    const rows = await ownerSql()`select * from webhook_signing_secrets where tenant_id = ${tenant.tenantId}`;
    for (const { secret } of [first, second]) {
      for (const text of [JSON.stringify(data), log, JSON.stringify(rows)]) expect(text).not.toContain(secret);
    }
  });

  it('is made for a tenant that has none when there is something to sign, and its opening is told', async () => {
    const tenant = await mint();
    const receiver = playReceiver();
    await create(tenant, { input: 'hello', callbackUrl: receiver.url });
    const [callback] = await received(receiver, 1);
    expect(callback?.headers['webhook-signature']).toMatch(/^v1,[A-Za-z0-9+/]{43}=$/);
    const actions = async () =>
      (
        await ownerSql()`select action from audit_logs where tenant_id = ${tenant.tenantId} and target_type = 'webhook_signing_secret'`
      ).map(({ action }) => action);
    const told = await eventually(actions, ({ length }) => length === 2);
    expect(told.toSorted()).toEqual(['webhook_signing_secret.created', 'webhook_signing_secret.opened']);
  });
});

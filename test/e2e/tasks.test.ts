import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import * as z from 'zod';
import { eventually } from '../harness/eventually.ts';
import { query } from '../harness/product.ts';
import { type ExportedSpan, spanRecorder, spansAt } from '../harness/span-recorder.ts';
import { type BenchContext, prepareBench } from '../load/context.ts';
import { type Caller, MODEL } from '../load/requests.ts';
import { startWithLedger } from '../load/targets.ts';
import { ANSWER } from '../load/upstream-answers.ts';
import type { WorkerdProcess } from '../load/workerd-process.ts';

const ROOT = join(import.meta.dirname, '../..');
const TASKS = 4;
const LATER_MS = 3_600_000;
const SCOPES = ['tasks:read', 'tasks:write', 'orchestrate:invoke'];
/** What the next release says in a task's events where this one says nothing: so that it can be told which has run. */
const NEXT = 'told by the next release';

const taskView = z.object({ id: z.uuid(), status: z.string() });

let context: BenchContext;
let directory: string;
const started = new AsyncDisposableStack();

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'eufm-redeploy-'));
  started.defer(() => rmSync(directory, { recursive: true, force: true }));
  context = await prepareBench(ROOT, directory, started);
  writeNextRelease(context.buildDir, join(directory, 'next'));
});

afterAll(() => started.disposeAsync());

/** Bundles as those, but that their tasks' events tell of it. */
function writeNextRelease(from: string, to: string): void {
  cpSync(from, to, { recursive: true });
  const bundle = join(to, 'eufm-providers/index.js');
  const code = readFileSync(bundle, 'utf8');
  const changed = code.replace(/(errorDetail: \w+\?\.detail \?\?) null/, `$1 "${NEXT}"`);
  if (changed === code) throw new Error('the bundle has no place for the change');
  writeFileSync(bundle, changed);
}

/** A deployment of which the storage stays while its scripts are replaced. */
class Deployment {
  readonly #folder: string;
  #server: WorkerdProcess | null = null;
  #isNext = false;

  constructor(name: string) {
    this.#folder = join(directory, name);
    mkdirSync(this.#folder);
  }

  async start(): Promise<void> {
    const buildDir = this.#isNext ? join(directory, 'next') : context.buildDir;
    this.#server = await startWithLedger({ ...context, buildDir }, this.#folder);
  }

  /** Replaces the scripts: by those of the next release, and then by the former ones again. */
  async redeploy(): Promise<void> {
    await this.stop();
    this.#isNext = !this.#isNext;
    await this.start();
  }

  async stop(): Promise<void> {
    await this.#server?.close();
    this.#server = null;
  }

  loseStorage(): void {
    rmSync(join(this.#folder, 'storage'), { recursive: true });
  }

  async ask(caller: Caller, method: string, path: string, body?: object): Promise<string> {
    const headers = { 'content-type': 'application/json', 'x-tenant-id': caller.tenantId, 'x-api-key': caller.apiKey };
    const init = { method, headers, ...(body && { body: JSON.stringify(body) }) };
    const response = await fetch(`${this.#server?.url}${path}`, init);
    return response.text();
  }
}

/** What Postgres has of a tenant's tasks, without what is each run's own, as one hash; and what their followers are told. */
interface Life {
  readonly ledgerHash: string;
  readonly told: readonly string[];
}

type Between = (deployment: Deployment, step: string) => Promise<void>;

/** Tasks, streamed and not, step by step: accepted, canceled, tried again and ended, recorded. */
async function live(name: string, between: Between): Promise<Life> {
  const spec = { keys: 1, rules: { count: 2, isMatching: true }, scopes: SCOPES };
  const [caller] = (await context.createTenants([spec])).flat();
  if (!caller) throw new Error('no tenant was made');
  const deployment = new Deployment(name);
  await deployment.start();
  try {
    const ids: string[] = [];
    for (let index = 0; index < TASKS; index++) {
      const preferences = [{ provider: 'openai', model: MODEL }];
      const stream = index % 2 === 0;
      const input = stream ? 'Be quick.' : 'Answer whole.';
      const body = {
        input,
        stream,
        executeAt: new Date(Date.now() + LATER_MS).toISOString(),
        providerPreferences: preferences,
      };
      const accepted = await deployment.ask(caller, 'POST', '/v1/tasks', body);
      ids.push(taskView.parse(JSON.parse(accepted)).id);
    }
    await between(deployment, 'accepted');
    for (const id of ids) await deployment.ask(caller, 'POST', `/v1/tasks/${id}/cancel`);
    await between(deployment, 'canceled');
    for (const id of ids) await deployment.ask(caller, 'POST', `/v1/tasks/${id}/retry`);
    for (const id of ids) await deployment.ask(caller, 'GET', `/v1/tasks/${id}?wait=20`);
    await recorded(caller, 'requests', 'completed');
    await between(deployment, 'ended');
    await recorded(caller, 'tasks', 'succeeded');
    await between(deployment, 'recorded');
    const told = await Promise.all(ids.map((id) => deployment.ask(caller, 'GET', `/v1/tasks/${id}/stream`)));
    return { ledgerHash: await ledgerHashOf(caller), told };
  } finally {
    await deployment.stop();
  }
}

/** Waits for the rows of all tasks, as long as it makes sense: a life that lost some has fewer. */
async function recorded({ tenantId }: Caller, table: 'requests' | 'tasks', status: string): Promise<void> {
  const text = `select count(*)::int as n from ${table} where tenant_id = $1 and status = $2`;
  await eventually(
    async () => (await query<{ n: number }>(context.database.databaseUrl, text, [tenantId, status]))[0]?.n ?? 0,
    (count) => count >= TASKS,
    5_000,
  );
}

async function ledgerHashOf({ tenantId }: Caller): Promise<string> {
  const ledger = await query(
    context.database.databaseUrl,
    `select
       (select jsonb_agg(r order by r) from (
          select jsonb_build_array(provider, model, status, error_code, cost_usd, input_token_count, output_token_count) as r
          from requests where tenant_id = $1) as rows) as requests,
       (select jsonb_agg(t order by t) from (
          select jsonb_build_array(status, error_code, cost_usd, max_attempts) as t from tasks where tenant_id = $1) as rows) as tasks,
       (select jsonb_agg(e order by e) from (
          select jsonb_build_array(number, status, error_code, cost_usd) as e
          from task_executions where tenant_id = $1) as rows) as executions,
       (select jsonb_agg(p order by p) from (
          select jsonb_build_array(kind, spent, estimated) as p
          from ledger_postings where tenant_id = $1 and kind in ('settled', 'estimated')) as rows) as postings`,
    [tenantId],
  );
  return createHash('sha256').update(JSON.stringify(ledger)).digest('hex');
}

it('F2: the scripts are replaced between the steps of tasks: the ledger’s hash is the same as without', async () => {
  const plain = await live('plain', async () => {});
  const redeployed = await live('redeployed', (deployment) => deployment.redeploy());
  expect(redeployed.ledgerHash).toBe(plain.ledgerHash);
  for (const events of [...plain.told, ...redeployed.told]) expect(events).toMatch(/event: task\.ended\n.*\n\n$/);
  const namesOf = (told: string) =>
    [...told.matchAll(/^id: (.*)\nevent: (.*)$/gm)].map(([, id, name]) => `${id} ${name}`);
  expect(redeployed.told.map(namesOf)).toEqual(plain.told.map(namesOf));
  // Both releases have run: each has told of a step.
  expect(plain.told.join()).not.toContain(NEXT);
  const streamed = redeployed.told.filter((events) => events.includes('event: text.delta'));
  expect(streamed).toHaveLength(TASKS / 2);
  for (const events of streamed) {
    expect(events).toMatch(new RegExp(`"status":"canceled".*"errorDetail":"${NEXT}"`));
    expect(events).toMatch(/"status":"succeeded".*"errorDetail":null/);
  }

  // Control: a deployment that comes up without its storage has lost the tasks, and makes another ledger.
  const lossy = await live('lossy', async (deployment, step) => {
    if (step !== 'accepted') return;
    await deployment.stop();
    deployment.loseStorage();
    await deployment.start();
  });
  expect(lossy.ledgerHash).not.toBe(plain.ledgerHash);
});

/** A provider that keeps the headers of what it is asked, and answers. */
async function startProvider() {
  const asked: IncomingHttpHeaders[] = [];
  const server = createServer((request, response) => {
    asked.push(request.headers);
    request.resume().on('end', () => response.writeHead(200, { 'content-type': 'application/json' }).end(ANSWER));
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo; // it listens on TCP
  const close = () => {
    server.closeAllConnections();
    server.close();
  };
  return { asked, baseUrl: `http://127.0.0.1:${port}/v1`, close };
}

/** The platform's own spans on the way of a task. */
const OURS = ['tasks.accept', 'task.attempt'];

/** What is wrong with the way from a client's span to what the provider was sent; empty where each is the next one's parent. */
function breaksIn(client: { traceId: string; spanId: string }, spans: readonly ExportedSpan[], sent: string): string[] {
  const [, sentTrace, sentSpan] = sent.split('-');
  const find = (name: string) => spans.find((span) => span.name === name)?.attributes ?? {};
  const [accept, attempt] = [find('tasks.accept'), find('task.attempt')];
  const links: readonly (readonly [what: string, is: unknown, shouldBe: unknown])[] = [
    ['the gateway’s parent', accept['eufm.parent_span_id'], client.spanId],
    ['the attempt’s parent', attempt['eufm.parent_span_id'], accept['eufm.span_id']],
    ['the span that the provider was sent', sentSpan, attempt['eufm.span_id']],
    ...[accept, attempt].map((attributes, at) => [`trace ${at}`, attributes['eufm.trace_id'], client.traceId] as const),
    ['the trace that the provider was sent', sentTrace, client.traceId],
  ];
  return links.filter(([, is, shouldBe]) => is === undefined || is !== shouldBe).map(([what]) => what);
}

it('one trace goes from client to provider, over queue and objects, in the spans that are exported', async () => {
  const provider = await startProvider();
  const folder = join(directory, 'traced');
  mkdirSync(folder);
  const accounts = [{ label: 'traced', baseUrl: provider.baseUrl }];
  const spec = { keys: 1, rules: { count: 0, isMatching: true }, scopes: SCOPES, accounts };
  const [caller] = (await context.createTenants([spec])).flat();
  if (!caller) throw new Error('no tenant was made');
  const { database } = context;
  const tracing = { NATIVE_TRACING: 'on' };
  const bindings = {
    ...database.bindings,
    'eufm-gateway': { ...database.bindings['eufm-gateway'], ...tracing },
    'eufm-providers': { ...database.bindings['eufm-providers'], ...tracing },
  };
  const traced = { ...context, database: { ...database, bindings } };
  const recorder = spanRecorder(folder);
  const server = await startWithLedger(traced, folder, recorder);
  try {
    const client = { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331' };
    const headers = { 'content-type': 'application/json', 'x-tenant-id': caller.tenantId, 'x-api-key': caller.apiKey };
    const body = JSON.stringify({
      input: 'Answer whole.',
      providerPreferences: [{ provider: 'openai', model: MODEL }],
    });
    const traceparent = `00-${client.traceId}-${client.spanId}-01`;
    const accepted = await fetch(`${server.url}/v1/tasks`, {
      ...{ method: 'POST', headers: { ...headers, traceparent }, body },
    });
    const { id } = taskView.parse(await accepted.json());
    await fetch(`${server.url}/v1/tasks/${id}?wait=20`, { headers });
    const spans = await eventually(
      () => spansAt(server.urlOf(recorder.name)),
      (exported) => OURS.every((name) => exported.some((span) => span.name === name && span.isEnded)),
    );
    const sent = String(provider.asked[0]?.traceparent);
    expect(provider.asked).toHaveLength(1);
    expect(breaksIn(client, spans, sent)).toEqual([]);
    const ours = OURS.map((name) => spans.find((span) => span.name === name));
    expect(ours.map((span) => span?.isEnded)).toEqual([true, true]);
    expect(ours).toMatchObject([
      { invocation: 'fetch' },
      { invocation: 'jsrpc', attributes: { 'eufm.task_id': id, 'eufm.attempt': 1 } },
    ]);
    expect(spans.some(({ invocation }) => invocation === 'queue')).toBe(true);
    // Control: an attempt in a trace of its own, and a call that is sent another span, are found out.
    const lost = spans.map((span) =>
      span.name === 'task.attempt' ? { ...span, attributes: { ...span.attributes, 'eufm.trace_id': 'other' } } : span,
    );
    expect(breaksIn(client, lost, sent)).toEqual(['trace 1']);
    expect(breaksIn(client, spans, traceparent)).toEqual(['the span that the provider was sent']);
  } finally {
    await server.close();
    provider.close();
  }
});

import { once } from 'node:events';
import { connect } from 'node:net';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type DevFile, dataFolder, type Product, startProduct } from '../harness/product.ts';

const BODIES = 500;
const SEED = 20_261_122;
const VALID = JSON.stringify({
  input: 'hello',
  metadata: { a: [1, 'ü', null] },
  providerPreferences: [{ provider: 'openai', model: 'gpt-4o-mini' }],
});

const folder = dataFolder();
let product: Product;
beforeAll(async () => {
  product = await startProduct(folder.path);
});
afterAll(async () => {
  await product[Symbol.asyncDispose]();
  folder[Symbol.dispose]();
});

/** Bodies as broken clients and attackers send them; some are valid after all, and may be served. */
const body = fc.oneof(
  fc.nat(VALID.length - 1).map((length) => VALID.slice(0, length)),
  fc
    .tuple(fc.nat(VALID.length - 1), fc.string({ unit: 'binary' }))
    .map(([at, text]) => VALID.slice(0, at) + text + VALID.slice(at + 1)),
  fc.json({ noUnicodeString: false, maxDepth: 6 } as object),
  fc.jsonValue().map((value) => JSON.stringify({ input: value })),
  fc
    .constantFrom('input', 'taskType', 'routingPolicyId', 'providerPreferences', 'async', 'metadata')
    .chain((field) => fc.jsonValue().map((value) => JSON.stringify({ input: 'hello', [field]: value }))),
  fc.constantFrom(
    '',
    '\0',
    '\ufeff{}',
    '{"input":"\ud800"}',
    '{"input":"\\ud800"}',
    '{"input":"a\\u0000b"}',
    '{"input":"a","input":{}}',
    '{"input":1e400}',
    '{"input":{"messages":[{"role":"user","content":"a"}],"maxOutputTokens":1e400}}',
    '{"input":{"messages":[{"role":"user","content":"a"}],"maxOutputTokens":-0}}',
    '{"input":{"messages":[{"role":"user","content":"a"}],"seed":100000000000000000000}}',
    '{"input":"a","metadata":{"a":1e400,"b":-0,"c":100000000000000000000}}',
    '{"input":"a","metadata":{"__proto__":{"polluted":1}}}',
    '{"__proto__":{"input":"a"}}',
    `{"input":"a","metadata":${'['.repeat(100_000)}`,
    'null',
    '[]',
    '"input"',
  ),
);

const MESSAGES = [
  { role: 'user', content: [{ type: 'text', text: 'What is it?' }] },
  { role: 'assistant', content: 'A cat.' },
  { role: 'user', content: 'Sure?' },
];
const PARAMETERS = { type: 'object', properties: { a: { type: 'string' } } };
const TOOL = { type: 'function', function: { name: 'look', parameters: PARAMETERS } };

/** The endpoints for clients of other APIs, with a valid body, and where their errors have a word for what is wrong. */
const DIALECTS = [
  {
    path: '/v1/chat/completions',
    valid: {
      model: 'gpt-4o-mini',
      messages: MESSAGES,
      tools: [TOOL],
      max_tokens: 50,
      response_format: { type: 'text' },
    },
    codeOf: ({ error }: { error?: { code?: unknown } }) => error?.code,
  },
  {
    path: '/v1/responses',
    valid: {
      model: 'gpt-4o-mini',
      input: [{ role: 'user', content: 'hi' }],
      text: { format: { type: 'text' } },
      tools: [],
    },
    codeOf: ({ error }: { error?: { code?: unknown } }) => error?.code,
  },
  {
    path: '/v1/embeddings',
    valid: { model: 'text-embedding-3-small', input: ['a', 'b'], dimensions: 8 },
    codeOf: ({ error }: { error?: { code?: unknown } }) => error?.code,
  },
  {
    path: '/v1/messages',
    valid: {
      model: 'claude-haiku-4-5',
      max_tokens: 50,
      system: 'Be brief.',
      messages: MESSAGES,
      thinking: { type: 'disabled' },
    },
    codeOf: ({ error }: { error?: { type?: unknown } }) => error?.type,
  },
] as const;

/** A valid body with one of its values, at any depth, replaced by anything; or cut, or with something else within. */
function spoiled(valid: object): fc.Arbitrary<string> {
  const text = JSON.stringify(valid);
  const places = pathsOf(valid);
  return fc.oneof(
    fc.nat(text.length - 1).map((length) => text.slice(0, length)),
    fc
      .tuple(fc.nat(text.length - 1), fc.string({ unit: 'binary' }))
      .map(([at, more]) => text.slice(0, at) + more + text.slice(at + 1)),
    {
      weight: 4,
      arbitrary: fc
        .tuple(fc.constantFrom(...places), fc.jsonValue())
        .map(([place, value]) => JSON.stringify(replaced(valid, place, value))),
    },
  );
}

function pathsOf(value: unknown, path: readonly string[] = []): (readonly string[])[] {
  if (typeof value !== 'object' || value === null) return [path];
  return [path, ...Object.entries(value).flatMap(([key, inner]) => pathsOf(inner, [...path, key]))];
}

function replaced(value: unknown, [key, ...rest]: readonly string[], by: unknown): unknown {
  if (key === undefined) return by;
  const copy = structuredClone(value) as Record<string, unknown>; // a path leads through objects and lists only
  copy[key] = replaced(copy[key], rest, by);
  return copy;
}

async function send({ baseUrl, apiKey, tenantId }: DevFile, bytes: Uint8Array, path = '/v1/orchestrate') {
  const headers = { 'x-api-key': apiKey, 'x-tenant-id': tenantId, 'content-type': 'application/json' };
  const response = await fetch(`${baseUrl}${path}`, { method: 'POST', headers, body: Buffer.from(bytes) });
  return { status: response.status, requestId: response.headers.get('x-request-id'), text: await response.text() };
}

interface Answer {
  readonly status: number;
  readonly requestId: string | null;
  readonly text: string;
}

/** What is wrong with how an answer treats a malformed body; empty when nothing is. `codeOf` reads another API's error. */
function faults({ status, requestId, text }: Answer, codeOf?: (error: object) => unknown): string[] {
  const found: string[] = [];
  if (status >= 500) found.push(`status ${status}`);
  if (/\bat .*(\.(js|ts)|<anonymous>):?\d*/.test(text)) found.push('a stack trace');
  if (status >= 400) {
    const problem = JSON.parse(text) as Record<string, unknown>;
    if (typeof (codeOf ? codeOf(problem) : problem.code) !== 'string') found.push('no code');
    if (requestId === null || (!codeOf && problem.instance !== requestId)) found.push('no request id');
  }
  return found;
}

it(`I1: ${BODIES} malformed bodies give no 5xx and no stack trace, and each 4xx a code and a request id`, async () => {
  const samples = fc.sample(body, { numRuns: BODIES, seed: SEED });
  const statuses = new Map<number, number>();
  for (const sample of samples) {
    const answer = await send(product.dev, new TextEncoder().encode(sample));
    statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1);
    expect({ sample: sample.slice(0, 200), faults: faults(answer) }).toEqual({
      sample: sample.slice(0, 200),
      faults: [],
    });
  }
  expect(statuses.get(400)).toBeGreaterThan(BODIES / 2);
});

it.each(DIALECTS)(`I1: ${BODIES} malformed bodies to $path likewise`, async ({ path, valid, codeOf }) => {
  const samples = fc.sample(spoiled(valid), { numRuns: BODIES, seed: SEED });
  const statuses = new Map<number, number>();
  for (const sample of samples) {
    const answer = await send(product.dev, new TextEncoder().encode(sample), path);
    statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1);
    const shown = sample.slice(0, 500);
    expect({ sample: shown, faults: faults(answer, codeOf) }).toEqual({ sample: shown, faults: [] });
  }
  expect(statuses.get(400)).toBeGreaterThan(BODIES / 3);
  expect((await send(product.dev, new TextEncoder().encode(JSON.stringify(valid)), path)).status).toBe(200);
});

const VALID_BYTES = Buffer.byteLength(VALID);

/** Sends a request over a connection of its own, says no more, and answers all that comes back until it is closed. */
async function overTcp({ baseUrl, apiKey, tenantId }: DevFile, statedLength: number, body: string): Promise<string> {
  const { hostname, port } = new URL(baseUrl);
  const socket = connect({ host: hostname, port: Number(port) });
  let answer = '';
  socket.setEncoding('utf8').on('data', (text) => (answer += text));
  socket.on('error', () => {}); // a connection that is reset is closed next
  const headers = [
    ...['POST /v1/orchestrate HTTP/1.1', `host: ${hostname}`, 'content-type: application/json'],
    ...[`x-api-key: ${apiKey}`, `x-tenant-id: ${tenantId}`, `content-length: ${statedLength}`],
  ];
  socket.end(`${headers.join('\r\n')}\r\n\r\n${body}`);
  await once(socket, 'close');
  return answer;
}

/** The statuses of all answers on a connection. */
const statusesIn = (answer: string) =>
  [...answer.matchAll(/^HTTP\/1\.1 (\d{3})/gm)].map(([, status]) => Number(status));

describe('I3: a body whose stated length is a lie, over TCP', () => {
  it('shorter: what it states is read as the body, and what is behind it as no body of ours', async () => {
    const answer = await overTcp(product.dev, VALID_BYTES - 10, VALID);
    const [first, ...others] = statusesIn(answer);
    expect(first).toBe(400);
    expect(answer).toContain('"invalid_json"');
    for (const status of others) expect(status).toBe(400);
  });

  it('longer: what never comes is not waited for when the connection has ended, and nothing is served', async () => {
    const answer = await overTcp(product.dev, VALID_BYTES + 1_000, VALID);
    for (const status of statusesIn(answer)) expect(status).toBe(400);
  });

  it('beyond the limit: it is refused by what it states', async () => {
    expect(statusesIn(await overTcp(product.dev, 1_000_000_000, VALID))).toEqual([413]);
  });

  it('control: the truth is served, and so is the next request', async () => {
    expect(statusesIn(await overTcp(product.dev, VALID_BYTES, VALID))).toEqual([200]);
    expect((await send(product.dev, new TextEncoder().encode(VALID))).status).toBe(200);
  });
});

it('takes bytes that are no UTF-8 for what they are', async () => {
  const answer = await send(product.dev, new Uint8Array([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x7d]));
  expect([answer.status, faults(answer)]).toEqual([400, []]);
});

it('control: the same eyes see a crash page, a stack trace and a problem without an id', () => {
  const stack = 'TypeError: x\n    at handler (file:///index.js:10:5)';
  expect(faults({ status: 500, requestId: 'r', text: '{"code":"internal_error","instance":"r"}' })).toEqual([
    'status 500',
  ]);
  expect(faults({ status: 400, requestId: 'r', text: JSON.stringify({ code: 'c', instance: 'r', stack }) })).toEqual([
    'a stack trace',
  ]);
  expect(faults({ status: 400, requestId: 'r', text: '{}' })).toEqual(['no code', 'no request id']);
});

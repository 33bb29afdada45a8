import { exports } from 'cloudflare:workers';
import { describe, expect, it } from 'vitest';
import { eventually } from '../../harness/eventually.ts';
import { mintTenant, testEnv } from '../../harness/mint-tenant.ts';
import { rowOf } from '../../harness/recorded-request.ts';

const TEXT = 'Hello from a scripted provider.';
const WORDS = ['Hello', ' from', ' a', ' scripted', ' provider.'];

/** What a client read of a stream: its bytes as text, and whether the connection ended as it should. */
interface Read {
  readonly text: string;
  readonly isClean: boolean;
}

interface Api {
  readonly path: string;
  readonly body: object;
  /** What stands at the end of a whole stream and of no other. */
  readonly terminator: string;
  readonly textOf: (event: Record<string, never>) => string | undefined;
}

const messages = [{ role: 'user', content: 'hello' }];
const textOfChunk = (event: { choices?: { delta?: { content?: string } }[] }) => event.choices?.[0]?.delta?.content;
const OPENAI: Api = {
  path: '/v1/chat/completions',
  body: { messages, stream: true, stream_options: { include_usage: true } },
  terminator: 'data: [DONE]\n\n',
  textOf: textOfChunk,
};
const ANTHROPIC: Api = {
  path: '/v1/messages',
  body: { messages, max_tokens: 100, stream: true },
  terminator: 'event: message_stop\ndata: {"type":"message_stop"}\n\n',
  textOf: (event: { delta?: { text?: string } }) => event.delta?.text,
};
const MODELS = { openai: 'gpt-4o-mini', anthropic: 'claude-haiku-4-5' } as const;

/**
 * Both APIs over a provider that speaks it and over one that does not, and a client that wants no usage in its stream.
 * The provider tells usage before chunk `usageFrom`, and has `wordless` chunks ahead of its first word.
 */
const CASES = [
  { name: 'OpenAI’s API, natively', api: OPENAI, provider: 'openai', chunks: 8, usageFrom: 7, wordless: 0 },
  {
    name: 'OpenAI’s API, natively, without usage',
    api: { ...OPENAI, body: { messages, stream: true } },
    provider: 'openai',
    chunks: 8,
    usageFrom: 7,
    wordless: 0,
  },
  { name: 'OpenAI’s API, translated', api: OPENAI, provider: 'anthropic', chunks: 10, usageFrom: 9, wordless: 2 },
  { name: 'Anthropic’s API, natively', api: ANTHROPIC, provider: 'anthropic', chunks: 10, usageFrom: 9, wordless: 2 },
  { name: 'Anthropic’s API, translated', api: ANTHROPIC, provider: 'openai', chunks: 8, usageFrom: 7, wordless: 0 },
] as const;
type Case = (typeof CASES)[number];

async function open({ api, provider }: Case, script: string, more: object = {}) {
  const id = crypto.randomUUID();
  const tenant = await mintTenant({ provider, providerUrl: `${testEnv.SCRIPTED_PROVIDER_URL}/${script}~${id}` });
  const response = await exports.default.fetch(`https://gateway.test${api.path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${tenant.apiKey}`, 'content-type': 'application/json' },
    body: JSON.stringify({ model: MODELS[provider], ...api.body, ...more }),
  });
  const control = async (action: 'call' | 'step'): Promise<{ sent: number; end: string }> =>
    await (await fetch(`${testEnv.SCRIPTED_PROVIDER_URL}/control/${action}/${id}`)).json();
  return { tenant, response, control };
}

async function readAll({ body }: Response): Promise<Read> {
  const reader = (body ?? new Blob().stream()).getReader();
  const decoder = new TextDecoder();
  let text = '';
  try {
    for (let read = await reader.read(); !read.done; read = await reader.read()) {
      text += decoder.decode(read.value, { stream: true });
    }
    return { text, isClean: true };
  } catch {
    return { text, isClean: false };
  }
}

function eventsOf(text: string): Record<string, never>[] {
  return [...text.matchAll(/^data: (\{.*\})$/gm)].map(([, json]) => JSON.parse(json ?? ''));
}

function writtenIn(text: string, { textOf }: Api): string {
  return eventsOf(text)
    .map((event) => textOf(event) ?? '')
    .join('');
}

const errorsIn = (text: string) => eventsOf(text).filter(({ error }) => error !== undefined);

describe.each(CASES)('a stream of $name', (each) => {
  const { api, chunks, usageFrom } = each;

  it('brings every word at once, its terminator, and is metered as the provider says', async () => {
    const { tenant, response } = await open(each, 'whole');
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('text/event-stream');
    expect(response.headers.get('x-eufm-provider')).toBe(each.provider);
    const { text, isClean } = await readAll(response);
    expect([writtenIn(text, api), isClean, errorsIn(text)]).toEqual([TEXT, true, []]);
    const row = await rowOf(tenant);
    expect(row).toMatchObject({ status: 'completed', input: 11, output: 5 });
    const [events, comment] = text.split(': eufm-cost-usd ');
    expect(events?.endsWith(api.terminator)).toBe(true);
    expect(Number(comment?.trim())).toBeCloseTo(row?.cost, 12);
  });

  it('hands every word on before the next one exists', async () => {
    const { response, control } = await open(each, 'stepwise');
    const reader = (response.body ?? new Blob().stream()).pipeThrough(new TextDecoderStream()).getReader();
    for (let step = 0; step < each.wordless; step++) await control('step');
    let text = '';
    for (const [index] of WORDS.entries()) {
      await control('step');
      const shown = WORDS.slice(0, index + 1).join('');
      while (writtenIn(text, api) !== shown) {
        const { done, value = '' } = await reader.read();
        if (done) throw new Error(`the stream ended at "${writtenIn(text, api)}"`);
        text += value;
      }
    }
    await reader.cancel();
  });

  it.each(Array.from({ length: chunks }, (_, count) => count))(
    'R1: cut behind chunk %i, it never ends cleanly, and settles once',
    async (count) => {
      const { tenant, response } = await open(each, `cut-${count}`);
      const { text, isClean } = await readAll(response);
      expect(text).not.toContain(api.terminator);
      expect(errorsIn(text)).toHaveLength(1);
      expect(isClean).toBe(true);
      const row = await rowOf(tenant);
      expect(row?.error_code).toBe('provider_stream_cut');
      expect(row?.status).toBe(count >= usageFrom ? 'failed' : 'estimated');
    },
  );

  it.each([0, 3, chunks - 1])('R1: ended early behind chunk %i, it does not look whole', async (count) => {
    const { tenant, response } = await open(each, `end-${count}`);
    const { text } = await readAll(response);
    expect(text).not.toContain(api.terminator);
    expect(errorsIn(text)).toHaveLength(1);
    expect((await rowOf(tenant))?.error_code).toBe('provider_stream_cut');
  });

  it('R1: cut within an event, it breaks off, or ends in an error', async () => {
    const { response } = await open(each, 'halve-4');
    const { text, isClean } = await readAll(response);
    expect(text).not.toContain(api.terminator);
    expect(isClean ? errorsIn(text).length : 1).toBe(1);
  });

  it('R2: a client that leaves ends the upstream call, and is charged for what was produced, once', async () => {
    const { tenant, response, control } = await open(each, 'stepwise');
    const reader = (response.body ?? new Blob().stream()).pipeThrough(new TextDecoderStream()).getReader();
    for (let step = 0; step < 4; step++) await control('step');
    let text = '';
    while (writtenIn(text, api) === '') text += (await reader.read()).value ?? '';
    await reader.cancel();
    await eventually(
      () => control('call'),
      ({ end }) => end === 'aborted',
    );
    const row = await rowOf(tenant);
    expect(row).toMatchObject({ status: 'estimated', error_code: 'canceled' });
    expect(row?.output).toBeGreaterThan(0);
  });

  it('R3: an error of the provider inside a 200 stream is one error event, and not billed', async () => {
    const { tenant, response } = await open(each, 'error');
    const { text } = await readAll(response);
    expect(errorsIn(text)).toHaveLength(1);
    expect(text).not.toContain(api.terminator);
    expect(await rowOf(tenant)).toMatchObject({ status: 'failed', cost: 0 });
  });

  it('R7: a client that does not read holds the provider of a long answer back', async () => {
    const { response, control } = await open(each, 'flood', { max_tokens: 1_000_000 });
    const sent = async () => (await control('call')).sent;
    const isStill = async () => {
      const before = await sent();
      await new Promise((resolve) => setTimeout(resolve, 300));
      return before > 0 && (await sent()) === before;
    };
    expect(await eventually(isStill, (still) => still)).toBe(true);
    const held = await sent();
    expect(held).toBeLessThan(16 * 1024 * 1024);

    // Control: it is the reading that lets the provider go on.
    const reader = (response.body ?? new Blob().stream()).getReader();
    for (let read = 0; read < 12 * 1024 * 1024; ) read += (await reader.read()).value?.byteLength ?? 0;
    expect(await eventually(sent, (now) => now > held)).toBeGreaterThan(held);
    await reader.cancel();
  });

  it('is stopped where the provider writes beyond its limit, and bills no more than was held', async () => {
    const { tenant, response } = await open(each, 'flood', { max_tokens: 100 });
    const { text } = await readAll(response);
    expect(text).not.toContain(api.terminator);
    expect(await rowOf(tenant)).toMatchObject({ status: 'estimated', error_code: 'stream_over_hold' });
  });
});

describe('a client that asked for no usage', () => {
  const [asked, silent] = CASES;

  it('gets no chunk without a choice, and one that asked gets it', async () => {
    const chunksOf = async (each: Case) => eventsOf((await readAll((await open(each, 'whole')).response)).text);
    const withoutChoice = (events: { choices?: unknown[] }[]) => events.filter(({ choices }) => choices?.length === 0);
    expect(withoutChoice(await chunksOf(silent))).toEqual([]);
    expect(withoutChoice(await chunksOf(asked))).toMatchObject([{ usage: { completion_tokens: 5 } }]);
  });
});

describe.each(CASES.filter(({ name }) => name.endsWith('natively')))('a stream that is piped, of $name', (each) => {
  it('R7: settles though its client reads nothing, since what waits for that one is bounded', async () => {
    const { tenant, response } = await open(each, 'flood', { max_tokens: 100 });
    expect(await rowOf(tenant)).toMatchObject({ status: 'estimated', error_code: 'stream_over_hold' });
    await response.body?.cancel();
  });
});

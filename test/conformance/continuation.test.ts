import { beforeAll, describe, expect, it } from 'vitest';
import type { OrchestrateRequest } from '../../shared/contracts/http/orchestrate.ts';
import { orchestrateResponse } from '../../shared/contracts/http/orchestrate.ts';
import { createStreamEncoder as createAnthropicEncoder } from '../../workers/gateway/dialects/anthropic/stream-encoder.ts';
import { createStreamEncoder as createOpenaiEncoder } from '../../workers/gateway/dialects/openai-chat/stream-encoder.ts';
import { orchestrateEncoder } from '../../workers/gateway/pipeline/orchestrate-encoder.ts';
import type { PipelineInput } from '../../workers/gateway/pipeline/pipeline-input.ts';
import type { StreamEncoder } from '../../workers/gateway/pipeline/stream-encoder.ts';
import { streamRequest } from '../../workers/gateway/pipeline/stream-request.ts';
import { EventReader, type ReceivedEvent, terminalOf } from '../harness/event-stream.ts';
import { eventually } from '../harness/eventually.ts';
import { faultOfHolds, type Played, pipelinePlay } from '../harness/pipeline-play.ts';
import { account, offer, policyWith, routingTenant } from '../harness/routing-tenant.ts';
import { CONTINUERS, type Continuer, continuingResponse, type Manners } from './continuing-vendor.ts';
import { dying } from './dying.ts';
import { BY_POLICY, FALLBACK_URL, failoverTenant } from './failover-tenant.ts';
import { STREAMS } from './fixtures.ts';
import { SUBJECTS } from './subjects.ts';

const PATIENCE_MS = 120_000;
const [CLAUDE, MISTRAL] = CONTINUERS;

beforeAll(() => {
  Object.assign(globalThis, { IdentityTransformStream: TransformStream }); // the runtime's own, which Node lacks
});

interface Play {
  readonly body: string;
  readonly provider?: (typeof SUBJECTS)[number]['adapter']['provider'];
  readonly whole: string;
  readonly at: number;
  readonly how?: 'breaks' | 'ends';
  readonly by?: readonly Continuer[];
  readonly request?: Partial<OrchestrateRequest>;
  /** Of the calls that go on, one after another; none for one that behaves. */
  readonly manners?: readonly Manners[];
  readonly grants?: (count: number) => boolean;
  readonly paysRetry?: () => boolean;
  /** Aborted when the client leaves. */
  readonly clientSignal?: AbortSignal;
  readonly onContinued?: () => void;
}

/** A request whose first provider's stream is over at a byte, and which asks for others to go on with it. */
function prepare(play: Play): { input: PipelineInput; played: Played; calls: string[] } {
  const { provider = 'openai', by = [CLAUDE], how = 'breaks', manners = [], grants = () => true } = play;
  const subject = SUBJECTS.find(({ adapter }) => adapter.provider === provider);
  if (!subject) throw new Error(`no subject for ${provider}`);
  const first = { provider, model: `first-of-${provider}`, baseUrl: subject.baseUrl('http://first.test') };
  const calls: string[] = [];
  let asked = 0;
  const { input, played } = pipelinePlay({
    snapshot: failoverTenant(first, undefined, by),
    request: { ...BY_POLICY, stream: true, continueOnFailure: true, ...play.request },
    grants: () => grants(asked++),
    paysRetry: play.paysRetry ?? (() => true),
    ...(play.clientSignal && { clientSignal: play.clientSignal }),
    fetch: async (url, init) => {
      if (!String(url).startsWith(FALLBACK_URL)) return dying(play, play.at, how);
      const vendor = String(url).endsWith('/messages') ? 'anthropic' : 'mistral';
      calls.push(vendor);
      play.onContinued?.();
      init?.signal?.throwIfAborted();
      return continuingResponse(vendor, play.whole, init?.body, manners[calls.length - 1]);
    },
  });
  return { input, played, calls };
}

/** Everything that a client of the platform's own events saw. */
async function see(play: Play): Promise<{ events: ReceivedEvent[]; played: Played; calls: string[] }> {
  const { input, played, calls } = prepare(play);
  const result = await streamRequest(input, orchestrateEncoder);
  if (!result.ok) throw new Error(`refused: ${result.error.code}`);
  const events = await new EventReader(new Response(result.value.events)).rest();
  await played.over();
  return { events, played, calls };
}

const textOf = (events: readonly ReceivedEvent[]) =>
  events.flatMap(({ event, data }) => (event === 'text.delta' ? [String(data.text)] : [])).join('');

function responseOf(events: readonly ReceivedEvent[]) {
  const { event, data } = terminalOf(events);
  return orchestrateResponse.parse(event === 'completed' ? data : data.response);
}

/** What is wrong with an answer, of which `whole` is all that there was to say; null when nothing is. */
function faultOfText(events: readonly ReceivedEvent[], whole: string): string | null {
  const text = textOf(events);
  const { output } = responseOf(events);
  const told = output && 'message' in output ? output.message.content : '';
  if (told !== text) return 'its pieces are not what it tells at the end';
  for (const [index, { event, data }] of events.entries()) {
    if (event === 'continued' && data.afterCharacters !== textOf(events.slice(0, index)).length) {
      return 'it tells another length of what came before';
    }
  }
  if (terminalOf(events).event === 'completed') return text === whole ? null : 'it looks complete';
  return whole.startsWith(text) ? null : 'it is no beginning of the whole';
}

/** What is wrong with the sum of the last so many calls, which the client is told; null when nothing is. */
function faultOfCost(events: readonly ReceivedEvent[], played: Played, calls: number): string | null {
  const records = played.records.slice(-calls);
  const { costUsd, usage } = responseOf(events);
  const total = records.reduce((sum, { costPicoUsd }) => sum + Number(costPicoUsd), 0);
  if (Math.round((costUsd ?? 0) * 1e12) !== total) return 'it costs another sum';
  const output = records.reduce((sum, record) => sum + (record.usage.outputTokens ?? 0), 0);
  return calls > 1 && usage?.outputTokens !== output ? 'it used more or less' : null;
}

const chunk = (delta: object, finish_reason: string | null = null) =>
  `data: ${JSON.stringify({ id: 'c', object: 'chat.completion.chunk', created: 1, model: 'm', choices: [{ index: 0, delta, finish_reason }] })}\n\n`;

/** Pieces that end in white space, repeat what came before, and cut a character in two. */
const PIECES = ['Ça va', ' Ça va ', 'aaa', 'aaa\n', '\n漢字 \ud83d', '\ude00 Ça', ' va.'];
const LONG = {
  provider: 'openai' as const,
  whole: PIECES.join(''),
  body: [...PIECES.map((content) => chunk({ content })), chunk({}, 'stop'), 'data: [DONE]\n\n'].join(''),
};
/** Where the first so many pieces have been read whole. */
const endOf = (pieces: number) =>
  new TextEncoder().encode(
    PIECES.slice(0, pieces)
      .map((content) => chunk({ content }))
      .join(''),
  ).length;

/** A vendor's documented stream of each form; what LONG is in, and one like it, are not read once more. */
const SHORT = STREAMS.filter(
  ({ name, provider }) => name === 'text.sse' && !['openai', 'perplexity'].includes(provider),
).map(({ provider, body, expected }) => ({ provider, body, whole: String(expected.text) }));

describe('a stream that another model goes on with', { timeout: PATIENCE_MS }, () => {
  it.each([LONG, ...SHORT].map((stream) => [`${stream.provider}, ${stream.whole.length} characters`, stream] as const))(
    'at every byte has a typed end or exactly all of its text: %s',
    async (_name, stream) => {
      const length = new TextEncoder().encode(stream.body).length;
      const outcomes = new Map<string, number>();
      for (let at = 0; at < length; at++) {
        const by = CONTINUERS[at % 2] ?? CLAUDE;
        const how = at % 4 < 2 ? 'breaks' : 'ends';
        const { events, played } = await see({ ...stream, at, how, by: [by] });
        const where = `${how} at ${at}, ${by.provider}`;
        expect(faultOfText(events, stream.whole), where).toBeNull();
        expect(faultOfHolds(played), where).toBeNull();
        const { event } = terminalOf(events);
        const isContinued = events.some((each) => each.event === 'continued');
        expect(faultOfCost(events, played, isContinued ? 2 : 1), where).toBeNull();
        const text = textOf(events);
        // It fails only where nobody is able to go on: Claude not behind white space, and nobody within a character.
        if (event === 'failed') {
          const isAble = by === MISTRAL || text === text.trimEnd();
          expect(isAble && text.isWellFormed(), where).toBe(false);
        }
        const outcome = `${isContinued ? 'continued ' : ''}${event}`;
        outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
      }
      expect([...outcomes.keys()]).toContain('continued completed');
      expect([...outcomes.keys()]).not.toContain('continued failed');
    },
  );

  it('control: a relay that loses a piece, has one twice, or ends without the rest is found out', async () => {
    const { events, played } = await see({ ...LONG, at: endOf(3) });
    expect(faultOfText(events, LONG.whole)).toBeNull();
    const piece = events.findIndex(({ event }) => event === 'text.delta');
    expect(faultOfText(events.toSpliced(piece, 1), LONG.whole)).toMatch(/pieces/);
    expect(faultOfText(events.toSpliced(piece, 0, ...events.slice(piece, piece + 1)), LONG.whole)).toMatch(/pieces/);
    expect(faultOfText(events, `${LONG.whole}!`)).toMatch(/complete/);
    expect(faultOfCost(events, played, 1)).toMatch(/sum/);
    for (const rest of [(text: string) => text.slice(1), (text: string) => `a${text}`]) {
      const wrong = await see({ ...LONG, at: endOf(3), manners: [{ rest }] });
      expect(faultOfText(wrong.events, LONG.whole)).toMatch(/complete/);
    }
  });

  it('tells who goes on, in an event, in the record of each call, and in the decision', async () => {
    const { events, played } = await see({ ...LONG, at: endOf(3) });
    const [first, last] = played.records;
    const begun = PIECES.slice(0, 3).join('').length;
    const continued = events.find(({ event }) => event === 'continued');
    expect(continued?.data).toEqual({ requestId: last?.requestId, ...CLAUDE, afterCharacters: begun });
    expect(first).toMatchObject({ model: 'first-of-openai', errorCode: 'provider_stream_cut', status: 'estimated' });
    expect(last).toMatchObject({ ...CLAUDE, status: 'completed', usage: { inputTokens: 6, outputTokens: 4 } });
    expect(last?.attempts).toMatchObject([{ requestId: first?.requestId }, CLAUDE]);
    const candidates = [
      { provider: 'openai', status: 'failed', writtenCharacters: begun },
      { provider: 'anthropic', status: 'served' },
    ];
    expect(responseOf(events)).toMatchObject({ requestId: last?.requestId, ...CLAUDE, routing: { candidates } });
  });

  it('leaves out candidates that cannot go on, and says so', async () => {
    const able = await see({ ...LONG, at: endOf(2), by: [CLAUDE, MISTRAL] });
    expect(able.calls).toEqual(['mistral']); // the second piece ends in white space
    const candidates = [
      { status: 'failed' },
      { provider: 'mistral', status: 'served' },
      { provider: 'anthropic', status: 'left', reason: 'task_not_served' },
    ];
    expect(responseOf(able.events)).toMatchObject({ status: 'completed', routing: { candidates } });
    expect(faultOfText(able.events, LONG.whole)).toBeNull();
  });

  it('goes on again when the one that went on breaks off too, and pays for each', async () => {
    let paid = 0;
    const play = { ...LONG, at: endOf(1), by: [CLAUDE, MISTRAL], manners: [{ breaksAfter: 1 }] };
    const { events, played, calls } = await see({ ...play, paysRetry: () => ++paid > 0 });
    expect([calls, paid]).toEqual([['anthropic', 'mistral'], 2]);
    expect(events.filter(({ event }) => event === 'continued')).toHaveLength(2);
    expect(faultOfText(events, LONG.whole)).toBeNull();
    expect(faultOfHolds(played)).toBeNull();
    expect(faultOfCost(events, played, 3)).toBeNull();
    expect(played.records).toHaveLength(3);
  });

  it('ends with the client, and each call is settled', async () => {
    const client = new AbortController();
    const play = { ...LONG, at: endOf(3), clientSignal: client.signal, onContinued: () => client.abort() };
    const { events, played } = await see(play);
    expect(terminalOf(events).event).toBe('canceled');
    expect(played.records).toMatchObject([{ errorCode: 'provider_stream_cut' }, { errorCode: 'canceled' }]);
    expect(faultOfHolds(played)).toBeNull();
    expect(responseOf(events)).toMatchObject({ ...CLAUDE, costUsd: null }); // what the last call cost is not known
  });

  it('is stopped at the hold of the one that goes on, which nobody goes on with', async () => {
    const input = { messages: [{ role: 'user' as const, content: 'hi' }], maxOutputTokens: 20 };
    const manners = [{ rest: () => 'x'.repeat(10_000) }];
    const { events, played, calls } = await see({
      ...LONG,
      ...{ at: endOf(1), by: [CLAUDE, MISTRAL], request: { input }, manners },
    });
    expect([terminalOf(events).event, calls]).toEqual(['budget_exceeded', ['anthropic']]);
    expect(played.records).toMatchObject([{ model: 'first-of-openai' }, { errorCode: 'stream_over_hold' }]);
    expect(faultOfHolds(played)).toBeNull();
    expect(faultOfCost(events, played, 2)).toBeNull();
  });

  const STANDS: Record<string, Partial<Play> & { readonly records?: number }> = {
    'it was not asked for': { request: { continueOnFailure: false } },
    'a limit has no room for a second call': { grants: (count) => count === 0 },
    'the retry budget does not pay': { paysRetry: () => false },
    'no candidate is there': { by: [] },
    'what is asked for is JSON': {
      request: { input: { messages: [{ role: 'user', content: 'hi' }], responseFormat: { type: 'json' } } },
    },
    'the output limit is used up': {
      request: { input: { messages: [{ role: 'user', content: 'hi' }], maxOutputTokens: 3 } },
    },
    'a tool was called': {
      body:
        chunk({ content: 'Ça va' }) +
        chunk({ tool_calls: [{ index: 0, id: 'x', function: { name: 'f', arguments: '{' } }] }),
      at: 1e6,
    },
    'the other one refuses': { whole: 'something else', records: 2 },
    'the other one, which should, does not say the beginning once more': {
      by: [MISTRAL],
      manners: [{ echoes: false }],
      records: 2,
    },
  };

  it.each(Object.entries(STANDS))('stays a failure where %s', async (_name, { records = 1, ...play }) => {
    const { events, played } = await see({ ...LONG, at: endOf(3), ...play });
    expect(terminalOf(events)).toMatchObject({ event: 'failed', data: { code: 'provider_stream_cut' } });
    expect(LONG.whole.startsWith(textOf(events))).toBe(true);
    expect(events.some(({ event }) => event === 'continued')).toBe(false);
    expect(played.records).toHaveLength(records);
    expect(faultOfHolds(played)).toBeNull();
    expect(faultOfCost(events, played, records)).toBeNull();
  });
});

/** A few pieces, since each byte of them is a request. */
const FEW = ['Ça va ', '漢字', ' va.'];
const BRIEF = {
  whole: FEW.join(''),
  body: [...FEW.map((content) => chunk({ content })), chunk({}, 'stop'), 'data: [DONE]\n\n'].join(''),
};

interface HedgedPlay {
  /** Of the two calls that run at once, the one whose stream the client gets. It dies at a byte. */
  readonly winner: 'first' | 'second';
  readonly at: number;
  readonly by?: Continuer;
  readonly body?: string;
  /** Whether the other one fails before; else it is silent until nobody wants it. */
  readonly isFirstToFail?: boolean;
}

async function seeHedged({ winner, at, by = MISTRAL, body = BRIEF.body, isFirstToFail = false }: HedgedPlay) {
  const urlOf = (label: string) => `http://${label}.test`;
  const others = (['first', 'second'] as const).map((label) => ({ provider: 'openai' as const, model: label, label }));
  const candidates = [...others, { ...by, label: 'third' }];
  const called: string[] = [];
  const { promise: isHedged, resolve: hedge } = Promise.withResolvers<void>();
  const { input, played } = pipelinePlay({
    snapshot: routingTenant({
      providerAccounts: candidates.map(({ provider, label }) => ({
        ...account(provider, label),
        baseUrl: urlOf(label),
      })),
      models: candidates.map(({ provider, model }) => offer(provider, model, 2)),
      routingPolicies: [
        policyWith({
          hedge: { afterMs: 1 },
          candidates: candidates.map(({ provider, model, label }, place) => ({
            ...{ provider, model, account: label, weight: candidates.length - place },
          })),
        }),
      ],
    }),
    request: { ...BY_POLICY, stream: true, continueOnFailure: true },
    paysRetry: () => true,
    fetch: async (url, init) => {
      const { label } = candidates.find((each) => String(url).startsWith(urlOf(each.label))) ?? { label: '' };
      called.push(label);
      if (label === 'third') return continuingResponse(by.provider, BRIEF.whole, init?.body);
      if (label === 'second') hedge();
      await isHedged;
      if (isFirstToFail && label !== winner) return new Response('', { status: 500 });
      if (isFirstToFail)
        await eventually(
          async () => played.records.length,
          (count) => count > 0,
        );
      if (label === winner) return dying({ body }, at, 'breaks');
      return await new Promise<Response>((_, reject) => {
        init?.signal?.addEventListener('abort', () => reject(init.signal?.reason));
      });
    },
  });
  const result = await streamRequest(input, orchestrateEncoder);
  if (!result.ok) throw new Error(`refused: ${result.error.code}`);
  const events = await new EventReader(new Response(result.value.events)).rest();
  await played.over();
  return { events, played, called };
}

describe('a stream that another model goes on with, of a request with two calls at once', {
  timeout: PATIENCE_MS,
}, () => {
  const length = new TextEncoder().encode(BRIEF.body).length;
  const endOfFirst = new TextEncoder().encode(chunk({ content: FEW[0] })).length;

  it('at every byte of the one that answers has exactly all of its text', async () => {
    const outcomes = new Map<number, string>();
    for (let at = endOfFirst; at <= length; at++) {
      const { events, played, called } = await seeHedged({ winner: at % 2 === 0 ? 'first' : 'second', at });
      expect(faultOfText(events, BRIEF.whole), `${at}`).toBeNull();
      expect(faultOfHolds(played), `${at}`).toBeNull();
      const isContinued = events.some(({ event }) => event === 'continued');
      expect(called, `${at}`).toEqual(['first', 'second', ...(isContinued ? ['third'] : [])]);
      // The call beside the one that counts is billed by itself: the client is told of those that wrote.
      const writing = played.records.filter(({ errorCode }) => errorCode !== 'canceled');
      expect(played.records.length - writing.length, `${at}`).toBe(1);
      expect(faultOfCost(events, { ...played, records: writing }, writing.length), `${at}`).toBeNull();
      outcomes.set(at, `${isContinued ? 'continued ' : ''}${terminalOf(events).event}`);
    }
    expect(outcomes.get(length)).toBe('completed');
    outcomes.delete(length);
    expect(new Set(outcomes.values())).toEqual(new Set(['continued completed']));
  });

  it.each([
    ['first', ['failed', 'canceled', 'served']],
    ['second', ['canceled', 'failed', 'served']],
  ] as const)('tells what became of each when the %s breaks off', async (winner, statuses) => {
    const { events, played } = await seeHedged({ winner, at: endOfFirst });
    const { routing } = responseOf(events);
    expect(routing?.candidates.map(({ status }) => status)).toEqual(statuses);
    const written = routing?.candidates.map(({ writtenCharacters }) => writtenCharacters ?? 0);
    expect(written).toEqual(winner === 'first' ? [6, 0, 0] : [0, 6, 0]);
    expect(new Set(played.records.at(-1)?.attempts?.map(({ requestId }) => requestId)).size).toBe(3);
  });

  it.each(['first', 'second'] as const)('goes on with the %s where the other one had failed', async (winner) => {
    const { events, played } = await seeHedged({ winner, at: endOfFirst, isFirstToFail: true });
    expect(faultOfText(events, BRIEF.whole)).toBeNull();
    expect(faultOfHolds(played)).toBeNull();
    expect(responseOf(events).routing?.candidates.map(({ status }) => status)).toEqual(['failed', 'failed', 'served']);
  });

  it('control: one whose next writer leaves something out is found out', async () => {
    const { events } = await seeHedged({ winner: 'second', at: endOfFirst });
    expect(faultOfText(events, `${BRIEF.whole}!`)).toMatch(/complete/);
  });
});

describe('a client of another API whose stream another model goes on with', () => {
  const body = { model: 'm', messages: [{ role: 'user', content: 'hi' }] };
  const native = { format: 'openai-chat' as const, body, maxOutputTokens: 100 };

  async function read(encoder: StreamEncoder): Promise<string> {
    const { input, played } = prepare({ ...LONG, at: endOf(3) });
    const spoken = { native, unsaid: [], warnings: [] };
    const result = await streamRequest({ ...input, spoken }, encoder);
    if (!result.ok) throw new Error(`refused: ${result.error.code}`);
    const text = await new Response(result.value.events).text();
    await played.over();
    expect(faultOfHolds(played)).toBeNull();
    return text;
  }

  const datasOf = (text: string) =>
    text
      .split('\n\n')
      .flatMap((block) => /^data: (\{.*)$/m.exec(block)?.[1] ?? [])
      .map((data) => JSON.parse(data));

  it('reads one stream of OpenAI, and a comment', async () => {
    const text = await read(createOpenaiEncoder({ includeUsage: true }));
    const chunks = datasOf(text);
    expect(chunks.map(({ choices }) => choices[0]?.delta?.content ?? '').join('')).toBe(LONG.whole);
    expect(new Set(chunks.map(({ id }) => id)).size).toBe(1);
    expect(chunks.flatMap(({ choices }) => choices[0]?.finish_reason ?? [])).toEqual(['stop']);
    expect(text).toContain('\n\n: eufm-continued {');
    expect(text.match(/data: \[DONE\]\n\n/g)).toHaveLength(1);
  });

  it('reads one message of Anthropic', async () => {
    const events = datasOf(await read(createAnthropicEncoder()));
    const said = events.flatMap(({ delta }) => (delta?.type === 'text_delta' ? [delta.text] : []));
    expect(said.join('')).toBe(LONG.whole);
    const types = events.map(({ type }) => type).filter((type) => type !== 'content_block_delta');
    const block = ['content_block_start', 'content_block_stop'];
    expect(types).toEqual(['message_start', ...block, 'message_delta', 'message_stop']);
  });
});

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { OrchestrateResponse } from '../../shared/contracts/http/orchestrate.ts';
import { createStreamEncoder as createAnthropicEncoder } from '../../workers/gateway/dialects/anthropic/stream-encoder.ts';
import { createStreamEncoder as createOpenaiEncoder } from '../../workers/gateway/dialects/openai-chat/stream-encoder.ts';
import { orchestrateEncoder } from '../../workers/gateway/pipeline/orchestrate-encoder.ts';
import { runRequest } from '../../workers/gateway/pipeline/run-request.ts';
import { streamRequest } from '../../workers/gateway/pipeline/stream-request.ts';
import { faultOfHolds, type Played, pipelinePlay } from '../harness/pipeline-play.ts';
import { dying } from './dying.ts';
import {
  BY_POLICY,
  FALLBACK_COST,
  FALLBACK_TEXT,
  FALLBACK_URL,
  failoverTenant,
  fallbackResponse,
} from './failover-tenant.ts';
import { ADVICE, FAULTS, type Fault } from './faults.ts';
import { type Fixture, STREAMS } from './fixtures.ts';
import { closedOrigin, MisbehavingVendor } from './misbehaving-vendor.ts';
import { SUBJECTS, type Subject } from './subjects.ts';
import { unpooledFetch } from './vendor-mock.ts';

const PATIENCE_MS = 120_000;
/** How long a candidate that hangs has. */
const TOTAL_MS = 100;
/** Another way in to a provider that has one already. */
const VENDORS = SUBJECTS.filter(({ name, adapter }) => name === adapter.provider);

let vendor: MisbehavingVendor;
let closed: string;
beforeAll(async () => {
  Object.assign(globalThis, { IdentityTransformStream: TransformStream }); // the runtime's own, which Node lacks
  vendor = await new MisbehavingVendor().start();
  closed = await closedOrigin();
});
afterAll(async () => {
  await vendor[Symbol.asyncDispose]();
});

/** What the client saw: the answer, or how and with what it failed. */
interface Seen {
  readonly provider: string | null;
  readonly text: string | null;
  readonly errorCode: string | null;
  /** Events that end a stream. */
  readonly endings: readonly string[];
}

interface Route {
  readonly isStream: boolean;
  readonly hasFallback?: boolean;
}

/** Plays a request whose first provider is `first`. */
async function play(
  subject: Pick<Subject, 'model' | 'baseUrl'> & { readonly adapter: Pick<Subject['adapter'], 'provider'> },
  first: { readonly origin: string; readonly fetch: typeof fetch },
  { isStream, hasFallback = true }: Route,
): Promise<{ seen: Seen; played: Played }> {
  const { provider } = subject.adapter;
  const baseUrl = subject.baseUrl(first.origin);
  const snapshot = failoverTenant({ provider, model: subject.model, baseUrl }, { totalMs: TOTAL_MS * 20 });
  const named = { providerPreferences: [{ provider, model: subject.model, weight: 1 }] };
  const { input, played } = pipelinePlay({
    snapshot,
    request: { stream: isStream, ...(hasFallback ? BY_POLICY : named) },
    fetch: (url, init) =>
      String(url).startsWith(FALLBACK_URL) ? Promise.resolve(fallbackResponse(isStream)) : first.fetch(url, init),
  });
  const seen = isStream ? await seeStream(input) : await seeWhole(input);
  await played.over();
  return { seen, played };
}

async function seeWhole(input: Parameters<typeof runRequest>[0]): Promise<Seen> {
  const result = await runRequest(input);
  if (!result.ok) return { provider: null, text: null, errorCode: result.error.code, endings: [] };
  const { provider } = result.value.response;
  return { provider, text: textOf(result.value.response), errorCode: null, endings: [] };
}

async function seeStream(input: Parameters<typeof runRequest>[0]): Promise<Seen> {
  const result = await streamRequest(input, orchestrateEncoder);
  if (!result.ok) return { provider: null, text: null, errorCode: result.error.code, endings: [] };
  const text = await new Response(result.value.events).text();
  const events = text
    .split('\n\n')
    .flatMap((block) => /^event: (\S+)\ndata: (.*)$/s.exec(block) ?? [])
    .filter((_, index) => index % 3 !== 0);
  const names = events.filter((_, index) => index % 2 === 0);
  const last = JSON.parse(events.at(-1) ?? 'null');
  const endings = names.filter((name) => ['completed', 'failed', 'canceled', 'budget_exceeded'].includes(name));
  const isComplete = names.at(-1) === 'completed';
  const response: OrchestrateResponse = isComplete ? last : last.response;
  return { provider: response.provider, text: textOf(response), errorCode: isComplete ? null : last.code, endings };
}

function textOf({ output }: OrchestrateResponse): string | null {
  return output && 'message' in output ? JSON.stringify([output.message.content, output.message.toolCalls]) : null;
}

const SERVED = JSON.stringify([FALLBACK_TEXT, undefined]);

/** The first provider under a fault. */
function under({ does }: Fault, provider: Subject['adapter']['provider']) {
  if (typeof does === 'function') vendor.misbehaviour = does(provider);
  if (does === 'hang') vendor.misbehaviour = () => {};
  const origin = does === 'refuse' ? closed : does === 'unknown-host' ? 'http://vendor.invalid' : vendor.origin;
  return { origin, fetch: unpooledFetch };
}

describe('F7 with failover', { timeout: PATIENCE_MS }, () => {
  for (const subject of VENDORS) {
    it.each(FAULTS.map((fault) => [fault.name, fault] as const))(`${subject.name}: %s`, async (_name, fault) => {
      for (const isStream of [false, true]) {
        const { kind, billing } = (isStream && fault.stream) || fault.generate;
        const { seen, played } = await play(subject, under(fault, subject.adapter.provider), { isStream });
        const { records, holds, names } = played;
        expect(faultOfHolds(played)).toBeNull();
        if (seen.endings[0] === 'failed') {
          // The vendor's first event was a word of the answer: the client has it.
          expect([isStream, records.length, seen.endings]).toEqual([true, 1, ['failed']]);
          expect(records[0]).toMatchObject({ provider: subject.adapter.provider, errorCode: seen.errorCode });
          expect(BigInt(records[0]?.costPicoUsd ?? 0)).toBeGreaterThan(0n);
        } else if (ADVICE[kind] === 'never') {
          expect(seen).toMatchObject({ provider: null, errorCode: 'provider_rejected' });
          expect(records).toMatchObject([{ status: 'failed', costPicoUsd: '0' }]);
        } else {
          expect(seen).toMatchObject({ provider: 'openai-compatible', text: SERVED, errorCode: null });
          const [last, ...before] = records.toReversed();
          expect(last).toMatchObject({ status: 'completed', model: 'fallback', costPicoUsd: FALLBACK_COST });
          expect(last?.attempts).toMatchObject([{ status: 'failed' }, { status: 'completed' }]);
          const isBilled = billing === 'maybe-billed';
          expect([before.length, holds.length, names.length]).toEqual(isBilled ? [1, 2, 1] : [0, 1, 0]);
          if (isBilled) {
            expect(before).toMatchObject([{ status: 'estimated', model: subject.model }]);
            expect(BigInt(before[0]?.costPicoUsd ?? 0)).toBeGreaterThan(0n);
            expect(last?.attempts?.[0]?.requestId).toBe(before[0]?.requestId);
            expect(names).toEqual([last?.requestId]);
          }
        }
      }
    });
  }

  it('control: without a fallback the same faults reach the client', async () => {
    const [subject] = VENDORS;
    const fault = FAULTS.find(({ name }) => name === '500');
    if (!subject || !fault) throw new Error('unreachable: there are some');
    const route = { isStream: false, hasFallback: false };
    const { seen, played } = await play(subject, under(fault, subject.adapter.provider), route);
    expect(seen).toMatchObject({ provider: null, errorCode: 'provider_failed' });
    expect(faultOfHolds(played)).toBeNull();
  });

  it('control: a call under a hold that is too small, of another model, or settled twice is found out', async () => {
    const [subject] = VENDORS;
    const fault = FAULTS.find(({ name }) => name === '502');
    if (!subject || !fault) throw new Error('unreachable: there are some');
    const { played } = await play(subject, under(fault, subject.adapter.provider), { isStream: false });
    const small = played.holds.map((hold) => ({ ...hold, amountPicoUsd: '1' }));
    expect(faultOfHolds({ ...played, holds: small })).toMatch(/cost more/);
    const [first] = played.records;
    expect(faultOfHolds({ ...played, records: played.records.slice(1) })).toMatch(/records/);
    const others = played.records.map((record) => ({ ...record, model: 'another' }));
    expect(faultOfHolds({ ...played, records: others })).toMatch(/another model/);
    expect(first).toBeDefined();
  });

  it('goes on when the first word of a stream does not come in time, though the provider had accepted', async () => {
    const silent = (signal?: AbortSignal | null) => {
      const start = (controller: ReadableStreamDefaultController) =>
        signal?.addEventListener('abort', () => controller.error(signal.reason));
      return new Response(new ReadableStream({ start: (controller) => void start(controller) }), {
        headers: { 'content-type': 'text/event-stream' },
      });
    };
    const snapshot = failoverTenant(
      { provider: 'openai', model: 'm', baseUrl: 'http://first.test' },
      { firstByteMs: 20 },
    );
    const { input, played } = pipelinePlay({
      ...{ snapshot, request: { ...BY_POLICY, stream: true } },
      fetch: async (url, init) =>
        String(url).startsWith(FALLBACK_URL) ? fallbackResponse(true) : silent(init?.signal),
    });
    const seen = await seeStream(input);
    await played.over();
    expect(seen).toMatchObject({ provider: 'openai-compatible', text: SERVED, endings: ['completed'] });
    expect(played.records).toMatchObject([
      { status: 'estimated', errorCode: 'provider_timeout' },
      { status: 'completed' },
    ]);
    expect(faultOfHolds(played)).toBeNull();
  });

  it('stands where the limits have no room for a second call, and keeps its record', async () => {
    const [subject] = VENDORS;
    if (!subject) throw new Error('unreachable: there is one');
    const snapshot = failoverTenant({
      ...{ provider: subject.adapter.provider, model: subject.model, baseUrl: subject.baseUrl(closed) },
    });
    let asked = 0;
    const { input, played } = pipelinePlay({
      ...{ snapshot, request: BY_POLICY, grants: () => asked++ === 0 },
      fetch: async () => new Response('', { status: 502 }),
    });
    const result = await runRequest(input);
    await played.over();
    expect(result).toMatchObject({ ok: false, error: { code: 'provider_failed' } });
    expect(played.records).toMatchObject([{ status: 'estimated', requestId: played.names.at(-1) }]);
    expect(faultOfHolds(played)).toBeNull();
  });
});

/** What is wrong with an answer, of which `whole` is all that the first provider had to say; null when nothing is. */
function faultOfAnswer({ provider, text, errorCode, endings }: Seen, whole: string | null): string | null {
  if (errorCode === null && provider === 'openai-compatible' && text === SERVED && endings.length === 1) return null;
  if (endings.length !== 1) return `it has ${endings.length} endings`;
  if (endings[0] === 'completed') return text === whole ? null : 'it looks complete';
  return errorCode === null ? 'its failure has no code' : null;
}

describe('a provider that dies at every byte of a stream', { timeout: PATIENCE_MS * 5 }, () => {
  const streams = STREAMS.filter(({ provider }) => provider !== 'openai-compatible');
  const shortest = [...Map.groupBy(streams, ({ provider }) => provider).values()].flatMap(
    (fixtures) => fixtures.toSorted((one, other) => one.body.length - other.body.length)[0] ?? [],
  );
  const see = async ({ provider }: Fixture, response: () => Response) => {
    const subject = VENDORS.find(({ adapter }) => adapter.provider === provider);
    if (!subject) throw new Error(`no subject for ${provider}`);
    const first = { origin: 'http://first.test', fetch: async () => response() };
    return await play(subject, first, { isStream: true });
  };

  it.each(shortest.map((fixture) => [`${fixture.provider}, ${fixture.name}`, fixture] as const))(
    'never looks complete: %s',
    async (_name, fixture) => {
      const length = new TextEncoder().encode(fixture.body).length;
      const { seen } = await see(fixture, () => dying(fixture, length, 'ends'));
      expect(seen.endings).toEqual(['completed']);
      const outcomes = new Map<string, number>();
      for (let at = 0; at < length; at++) {
        const how = at % 2 === 0 ? 'breaks' : 'ends';
        const died = await see(fixture, () => dying(fixture, at, how));
        expect(faultOfAnswer(died.seen, seen.text), `${how} at ${at}`).toBeNull();
        expect(faultOfHolds(died.played), `${how} at ${at}`).toBeNull();
        const outcome = `${died.seen.provider} ${died.seen.endings[0]}`;
        outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
      }
      // Before its first word the fallback serves, after it the stream fails.
      expect([...outcomes.keys()]).toContain('openai-compatible completed');
      expect([...outcomes.keys()]).toContain(`${fixture.provider} failed`);
    },
  );

  it('control: an answer that is short and looks complete is found out', () => {
    const short: Seen = { provider: 'openai', text: '["Hel"]', errorCode: null, endings: ['completed'] };
    expect(faultOfAnswer(short, '["Hello"]')).toBe('it looks complete');
    expect(faultOfAnswer({ ...short, endings: [] }, '["Hello"]')).toBe('it has 0 endings');
    expect(faultOfAnswer({ ...short, endings: ['failed'] }, '["Hello"]')).toBe('its failure has no code');
  });
});

/** A fallback that speaks no client's format. */
const TRANSLATED = { provider: 'mistral', model: 'fallback' } as const;

/** A vendor whose own format a client speaks: its events go through as they are. */
const NATIVE = [
  {
    provider: 'openai',
    format: 'openai-chat',
    hasEnded: 'data: [DONE]\n\n',
    hasFailed: 'data: {"error":',
    encoder: () => createOpenaiEncoder({ includeUsage: true }),
  },
  {
    provider: 'anthropic',
    format: 'anthropic-messages',
    hasEnded: 'event: message_stop\n',
    hasFailed: 'event: error\n',
    encoder: createAnthropicEncoder,
  },
] as const;

describe('a provider that dies at every byte of a stream in its client’s own format', { timeout: PATIENCE_MS }, () => {
  const body = { model: 'm', messages: [{ role: 'user', content: 'hi' }] };

  /** All that the client reads; null when the stream breaks off. */
  async function read(
    { provider, format, encoder }: (typeof NATIVE)[number],
    answer: () => Response,
  ): Promise<string | null> {
    const { input, played } = pipelinePlay({
      snapshot: failoverTenant({ provider, model: 'm', baseUrl: 'http://first.test' }, undefined, [TRANSLATED]),
      request: { ...BY_POLICY, stream: true },
      fetch: async (url) => (String(url).startsWith(FALLBACK_URL) ? fallbackResponse(true) : answer()),
    });
    const spoken = { native: { format, body, maxOutputTokens: 100 }, unsaid: [], warnings: [] };
    const result = await streamRequest({ ...input, spoken }, encoder());
    const text = result.ok ? await new Response(result.value.events).text().catch(() => null) : null;
    await played.over();
    expect(faultOfHolds(played)).toBeNull();
    return text;
  }

  /** What is wrong with what a client read; null when nothing is: it is whole, says that it failed, or broke off. */
  function faultOf(
    text: string | null,
    whole: string,
    { hasEnded, hasFailed }: (typeof NATIVE)[number],
  ): string | null {
    if (text === null) return null;
    const isWhole = text === whole || text.includes(JSON.stringify(FALLBACK_TEXT));
    if (text.includes(hasEnded)) return isWhole ? null : 'it looks complete';
    return text.includes(hasFailed) ? null : 'it ends without a word';
  }

  it.each(NATIVE.map((native) => [native.provider, native] as const))(
    'never looks complete: %s',
    async (provider, native) => {
      const fixture = STREAMS.find((each) => each.provider === provider && each.name === 'text.sse');
      if (!fixture) throw new Error('there is no such stream');
      const { length } = new TextEncoder().encode(fixture.body);
      const whole = await read(native, () => dying(fixture, length, 'ends'));
      expect(whole).toContain(native.hasEnded);
      const outcomes = new Set<string>();
      for (let at = 0; at < length; at++) {
        const how = at % 2 === 0 ? 'breaks' : 'ends';
        const text = await read(native, () => dying(fixture, at, how));
        expect(faultOf(text, whole ?? '', native), `${how} at ${at}`).toBeNull();
        outcomes.add(text?.includes(native.hasEnded) ? 'ended' : 'failed');
      }
      expect(outcomes).toEqual(new Set(['ended', 'failed']));
    },
  );

  it('control: one that is short and looks complete, or ends without a word, is found out', () => {
    const [native] = NATIVE;
    const [whole, short] = ['data: {"a":1}\n\ndata: {"b":2}\n\n', 'data: {"a":1}\n\n'];
    expect(faultOf(short + native.hasEnded, whole + native.hasEnded, native)).toBe('it looks complete');
    expect(faultOf(short, whole + native.hasEnded, native)).toBe('it ends without a word');
  });
});

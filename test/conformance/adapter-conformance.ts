import { describe, expect, it } from 'vitest';
import type { CallOptions, NativeCalls, NativeRequest } from '../../shared/providers/contract.ts';
import { collect, drain } from '../../shared/providers/testing/answering.ts';
import { answerOf, assemble } from './answer.ts';
import { answerConformance, ask, WAYS, type World } from './answer-conformance.ts';
import { asking, MAX_OUTPUT_TOKENS, saying } from './requests.ts';
import { HELLO, JSON_ANSWER, PARIS, ROME, SAYS, STORY, USAGE, VECTOR } from './says.ts';
import { callOptions, type Environment, type Subject } from './subjects.ts';

const MOCK: Omit<World, keyof Environment> = {
  asks: SAYS,
  says: { hello: HELLO, long: STORY, json: JSON_ANSWER, afterTool: 'It is sunny.' },
  longLimit: MAX_OUTPUT_TOKENS,
  call: PARIS,
  usage: USAGE,
  tellsUnasked: false,
  embedding: VECTOR,
  embedsNot: ['google'], // the mock has no batch of embeddings in Gemini's format; the fixtures do
};

const SIGNALS = [
  ['canceled', undefined],
  ['timeout', new DOMException('late', 'TimeoutError')],
] as const;

/** What every adapter must do, over real HTTP against a mock of the vendors that is not ours. */
export function adapterConformance(subject: Subject, environment: Environment): void {
  const { adapter, name } = subject;
  const to = { subject, environment };
  answerConformance(subject, { ...environment, ...MOCK });

  describe.each(WAYS)(`${name}: %s`, (way) => {
    it.each([
      ['429', SAYS.rateLimited, { kind: 'rate-limited', status: 429, retryAfterMs: 2_000, retry: 'other-provider' }],
      ['401', SAYS.unauthorized, { kind: 'auth', status: 401, vendorMessage: undefined, retry: 'other-provider' }],
      ['500', SAYS.crashed, { kind: 'retryable', status: 500, retry: 'same-provider' }],
      ['529', SAYS.overloaded, { kind: 'overloaded', status: 529, retry: 'other-provider' }],
    ])('maps %s and bills nothing', async (_status, says, expected) => {
      await expect(ask(to, way, saying(says))).rejects.toMatchObject({ ...expected, billing: 'not-billed' });
    });

    it('refuses a 200 with a malformed body and allows for its being billed', async () => {
      const expected = { kind: 'bad-response', billing: 'maybe-billed' };
      await expect(ask(to, way, saying(SAYS.garbled))).rejects.toMatchObject(expected);
    });

    it.each(SIGNALS)('ends as %s when its signal says so on the way', async (kind, reason) => {
      const controller = new AbortController();
      const fetch: CallOptions['fetch'] = async (input, init) => {
        const response = environment.fetch(input, init);
        controller.abort(reason);
        return await response;
      };
      const call = ask(to, way, saying(SAYS.hello), { fetch, abortSignal: controller.signal });
      await expect(call).rejects.toMatchObject({ kind, billing: 'maybe-billed' });
    });

    it('sends nothing once its signal is aborted', async () => {
      const overrides = { abortSignal: AbortSignal.abort(), fetch: () => Promise.reject(new Error('sent')) };
      const expected = { kind: 'canceled', billing: 'not-billed' };
      await expect(ask(to, way, saying(SAYS.hello), overrides)).rejects.toMatchObject(expected);
    });

    if (subject.hasTools) {
      it('answers parallel calls apart', async () => {
        const answer = await ask(to, way, asking.tool(SAYS.parallelTools));
        expect(answer).toMatchObject({ text: '', toolCalls: [PARIS, ROME] });
      });
    }
  });

  describe(`${name}: stream`, () => {
    it.each(SIGNALS)('ends as %s when its signal says so between two parts', async (kind, reason) => {
      const controller = new AbortController();
      const options = callOptions(subject, environment, { abortSignal: controller.signal });
      const parts = [];
      for await (const group of (await adapter.stream(saying(SAYS.slow), options)).parts) {
        parts.push(...group);
        controller.abort(reason);
      }
      expect(parts.at(-1)).toMatchObject({ type: 'stream-error', error: { kind, billing: 'maybe-billed' } });
      expect(parts.filter(({ type }) => type === 'stream-error' || type === 'finish')).toHaveLength(1);
    });
  });

  if (adapter.native) nativeConformance(subject, environment, adapter.native);
}

/** What calls in the vendor's own format must do: pass everything on, and read it as the adapter's own calls do. */
function nativeConformance(subject: Subject, environment: Environment, native: NativeCalls): void {
  const { format } = native;
  const verbatim = (content: string): NativeRequest => {
    const body = { messages: [{ role: 'user', content }], model: 'not-this-one', max_tokens: 1, stream: true };
    return { format, body, maxOutputTokens: MAX_OUTPUT_TOKENS };
  };

  describe(`${subject.name}: native`, () => {
    it('answers the text of the vendor, and what it means', async () => {
      const { text, result } = await native.generate(verbatim(SAYS.hello), callOptions(subject, environment));
      const own = await subject.adapter.generate(saying(SAYS.hello), callOptions(subject, environment));
      expect(JSON.stringify(JSON.parse(text))).toContain(JSON.stringify(HELLO));
      expect(answerOf(result)).toEqual(answerOf(own));
    });

    it('streams the bytes of the vendor, and what they mean', async () => {
      const { body, read } = await native.stream(verbatim(SAYS.hello), callOptions(subject, environment));
      const own = await subject.adapter.stream(saying(SAYS.hello), callOptions(subject, environment));
      const [theirs, ours] = body.tee();
      const groups = drain(read(ours.getReader()));
      const text = await new Response(theirs).text();
      expect(text).toMatch(/^(event: message_start\n)?data: \{.*\}\n\n/);
      expect(text).toContain((await groups).flatMap(({ events }) => events).at(-1)?.data);
      expect(assemble((await groups).flatMap(({ parts }) => parts))).toEqual(assemble(await collect(own)));
    });

    it.each(WAYS)('%s maps a refusal as any call', async (way) => {
      const call = native[way](verbatim(SAYS.rateLimited), callOptions(subject, environment));
      await expect(call).rejects.toMatchObject({ kind: 'rate-limited', retryAfterMs: 2_000, billing: 'not-billed' });
    });
  });
}

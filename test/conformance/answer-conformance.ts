import { describe, expect, it } from 'vitest';
import type { CallOptions, ChatRequest } from '../../shared/providers/contract.ts';
import { collect } from '../../shared/providers/testing/answering.ts';
import { type Answer, answerOf, assemble, type StreamFailure } from './answer.ts';
import { afterCall, asking, MAX_OUTPUT_TOKENS, saying } from './requests.ts';
import { callOptions, type Environment, type Subject } from './subjects.ts';

/** Both ways to the same answer. */
export const WAYS = ['generate', 'stream'] as const;
export type Way = (typeof WAYS)[number];

/** What a vendor is asked and what it says: to the letter with a mock, in outline with a real one. */
export interface World extends Environment {
  readonly asks: Readonly<Record<'hello' | 'long' | 'json' | 'tool' | 'embed', string>>;
  readonly says: Readonly<Record<'hello' | 'long' | 'json' | 'afterTool', unknown>>;
  /** More tokens than the answer to `long` may have. */
  readonly longLimit: number;
  readonly call: unknown;
  readonly usage: unknown;
  /** The vendor tells the usage of a stream unasked, as it says; a mock may not. */
  readonly tellsUnasked: boolean;
  readonly embedding: unknown;
  /** Providers that do not embed here. */
  readonly embedsNot: readonly string[];
}

/** Makes a call one way or the other, and answers the same. */
export async function ask(
  { subject, environment }: { readonly subject: Subject; readonly environment: Environment },
  way: Way,
  request: ChatRequest,
  overrides?: Partial<CallOptions>,
): Promise<Answer | StreamFailure> {
  const options = callOptions(subject, environment, overrides);
  if (way === 'generate') return answerOf(await subject.adapter.generate(request, options));
  return assemble(await collect(await subject.adapter.stream(request, options)));
}

/** What every adapter must bring back from a vendor that works, be it real or a mock. */
export function answerConformance(subject: Subject, world: World): void {
  const { adapter, name, model } = subject;
  const { asks, says } = world;
  const to = { subject, environment: world };

  describe.each(WAYS)(`${name}: %s`, (way) => {
    const hasUsage = way === 'generate' || world.tellsUnasked || !subject.tellsUsage;

    it('answers text, reason, usage and model', async () => {
      const answer = await ask(to, way, saying(asks.hello));
      expect(answer).toMatchObject({
        text: says.hello,
        finishReason: 'stop',
        rawFinishReason: expect.any(String),
        ...(hasUsage && { usage: world.usage }),
      });
      expect('responseModel' in answer && (answer.responseModel ?? model)).toMatch(model);
    });

    it('keeps the raw finish reason beside the unified one', async () => {
      const request = saying(asks.long, { maxOutputTokens: world.longLimit });
      const expected = { text: says.long, finishReason: 'length', rawFinishReason: subject.rawLength };
      expect(await ask(to, way, request)).toMatchObject(expected);
    });

    it('answers JSON of the schema that was asked for', async () => {
      expect(await ask(to, way, asking.json(asks.json))).toMatchObject({ text: says.json, finishReason: 'stop' });
    });
  });

  describe.each(subject.hasTools ? WAYS : [])(`${name}: %s with a tool`, (way) => {
    it('answers its call, and takes its result', async () => {
      const answer = await ask(to, way, asking.tool(asks.tool));
      expect(answer).toMatchObject({ toolCalls: [world.call] });
      const [call] = ('toolCalls' in answer && answer.toolCalls) || [];
      if (!call) throw new Error('unreachable: there is a call');
      const request = afterCall(asks.tool, call, 'sunny');
      expect(await ask(to, way, request)).toMatchObject({ text: says.afterTool, finishReason: 'stop' });
    });
  });

  describe(`${name}: beside the chat`, () => {
    it('bounds what the vendor counts', async () => {
      const bound = adapter.bound(saying(asks.hello));
      const answer = await ask(to, 'generate', saying(asks.hello));
      const { inputTokens = 0, outputTokens = 0 } = 'text' in answer && answer.usage ? answer.usage : {};
      expect(bound.inputTokens).toBeGreaterThanOrEqual(inputTokens);
      expect(bound.outputTokens).toBeGreaterThanOrEqual(outputTokens);
      expect(bound.outputTokens).toBe(MAX_OUTPUT_TOKENS);
    });

    if (adapter.embed && !world.embedsNot.includes(adapter.provider)) {
      it('embeds each input, in their order', async () => {
        const options = callOptions(subject, world, { model: subject.embeddingModel ?? '' });
        const result = await adapter.embed?.({ inputs: [`${asks.embed} one`, `${asks.embed} two`] }, options);
        expect(result?.embeddings).toEqual([world.embedding, world.embedding]);
      });
    }
  });
}

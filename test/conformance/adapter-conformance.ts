import type { LLMock } from '@copilotkit/aimock';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type {
  CallOptions,
  ChatRequest,
  GenerateResult,
  LanguageModelAdapterV1,
} from '../../shared/providers/contract.ts';
import { SAYS, startVendorMock, unpooledFetch } from './vendor-mock.ts';

/** A field of the body in which we and the vendor's SDK differ on purpose. */
export interface Difference {
  readonly field: string;
  readonly ours: unknown;
  readonly theirs: unknown;
  readonly reason: string;
}

/** A call to make through a vendor's own client, with every option; the client takes those that the vendor has. */
export interface SdkCall {
  readonly origin: string;
  readonly model: string;
  readonly request: Required<ChatRequest>;
  readonly fetch: typeof fetch;
}

/** An adapter, and what to expect of it alone. */
export interface Subject {
  readonly adapter: LanguageModelAdapterV1;
  readonly model: string;
  /** The vendor's word for an answer that reached its limit. */
  readonly rawLength: string;
  /** The options that the vendor does not have. */
  readonly ignores: readonly (keyof ChatRequest)[];
  /** Makes the same call through the vendor's own client and answers the text that it reads. */
  readonly callSdk: (call: SdkCall) => Promise<string | null | undefined>;
  readonly differences: readonly Difference[];
}

const CONVERSATION: Required<ChatRequest> = {
  messages: [
    { role: 'system', content: 'Be brief.' },
    { role: 'user', content: 'hi' },
    { role: 'assistant', content: 'Yes?' },
    { role: 'user', content: SAYS.hello },
  ],
  maxOutputTokens: 64,
  temperature: 0.5,
  topP: 0.9,
  seed: 7,
  stop: ['END', 'STOP'],
};

function saying(content: string): ChatRequest {
  return { messages: [{ role: 'user', content }], maxOutputTokens: 64 };
}

function recordingFetch(): { fetch: typeof fetch; bodies: Record<string, unknown>[] } {
  const bodies: Record<string, unknown>[] = [];
  return {
    bodies,
    fetch: async (input, init) => {
      bodies.push(JSON.parse(String(init?.body)));
      return await unpooledFetch(input, init);
    },
  };
}

/** What every adapter must do, over real HTTP against a mock of the vendors that is not ours. */
export function adapterConformance(subject: Subject): void {
  const { adapter, model } = subject;

  describe(adapter.provider, () => {
    let mock: LLMock;
    let onSlowRequest = () => {};
    beforeAll(async () => {
      mock = await startVendorMock(() => onSlowRequest());
    });
    afterAll(async () => {
      await mock.stop();
    });

    async function generate(request: ChatRequest, overrides: Partial<CallOptions> = {}): Promise<GenerateResult> {
      return await adapter.generate(request, {
        model,
        credentials: { apiKey: 'test-key' },
        baseUrl: mock.url,
        fetch: unpooledFetch,
        abortSignal: new AbortController().signal,
        ...overrides,
      });
    }

    it('answers text, reason, usage and model', async () => {
      const result = await generate(saying(SAYS.hello));
      expect(result).toMatchObject({
        message: { role: 'assistant', content: 'Hello there.' },
        finishReason: 'stop',
        usage: { inputTokens: 11, outputTokens: 7 },
        warnings: [],
      });
      expect([model, null]).toContain(result.responseModel);
    });

    it('keeps the raw finish reason beside the unified one', async () => {
      const result = await generate(saying(SAYS.long));
      expect(result).toMatchObject({ finishReason: 'length', rawFinishReason: subject.rawLength });
    });

    it.each([
      ['429', SAYS.rateLimited, { kind: 'rate-limited', status: 429, retryAfterMs: 2_000, retry: 'other-provider' }],
      ['401', SAYS.unauthorized, { kind: 'auth', status: 401, vendorMessage: undefined, retry: 'other-provider' }],
      ['500', SAYS.crashed, { kind: 'retryable', status: 500, retry: 'same-provider' }],
      ['529', SAYS.overloaded, { kind: 'overloaded', status: 529, retry: 'other-provider' }],
    ])('maps %s and bills nothing', async (_status, says, expected) => {
      await expect(generate(saying(says))).rejects.toMatchObject({ ...expected, billing: 'not-billed' });
    });

    it('refuses a 200 with a malformed body and allows for its being billed', async () => {
      const expected = { kind: 'bad-response', status: 200, billing: 'maybe-billed' };
      await expect(generate(saying(SAYS.garbled))).rejects.toMatchObject(expected);
    });

    it.each([
      ['canceled', undefined],
      ['timeout', new DOMException('late', 'TimeoutError')],
    ])('ends as %s when its signal says so while the vendor works', async (kind, reason) => {
      const controller = new AbortController();
      onSlowRequest = () => controller.abort(reason);
      const call = generate(saying(SAYS.slow), { abortSignal: controller.signal });
      await expect(call).rejects.toMatchObject({ kind, billing: 'maybe-billed' });
    });

    it('bounds what the mock counts', () => {
      const bound = adapter.bound(saying(SAYS.hello));
      expect(bound.inputTokens).toBeGreaterThanOrEqual(11);
      expect(bound.outputTokens).toBe(64);
    });

    it("sends what the vendor's own SDK sends, reads what it reads, and warns of what the vendor lacks", async () => {
      const ours = recordingFetch();
      const theirs = recordingFetch();
      const result = await generate(CONVERSATION, { fetch: ours.fetch });
      const text = await subject.callSdk({ origin: mock.url, model, request: CONVERSATION, fetch: theirs.fetch });

      expect(result.message.content).toBe(text);
      expect(result.warnings).toEqual(subject.ignores.map((option) => expect.stringMatching(`^${option} was ignored`)));
      const ourBody = { ...ours.bodies[0] };
      const theirBody = { ...theirs.bodies[0] };
      for (const difference of subject.differences) {
        const { field } = difference;
        expect([ourBody[field], theirBody[field]], difference.reason).toStrictEqual([
          difference.ours,
          difference.theirs,
        ]);
        delete ourBody[field];
        delete theirBody[field];
      }
      expect(ourBody).toStrictEqual(theirBody);
    });
  });
}

import { LLMock } from '@copilotkit/aimock';
import { HELLO, JSON_ANSWER, PARIS, ROME, SAYS, STORY, USAGE, VECTOR } from './says.ts';

/** Between two chunks: longer than a test that does not wait for the second, and soon over for a mock that stops. */
const LATER_MS = 2_000;

function refusal(status: number, type: string, retryAfter?: number) {
  return { error: { message: `The mock answers ${status}.`, type }, status, ...(retryAfter && { retryAfter }) };
}

/** Teaches a mock, which speaks the wire formats of all vendors, what the conformance suites ask. */
export function teach(mock: LLMock): LLMock {
  const usage = { prompt_tokens: USAGE.inputTokens, completion_tokens: USAGE.outputTokens };
  return mock
    .onMessage(SAYS.hello, { content: HELLO, usage })
    .onMessage(SAYS.long, { content: STORY, usage, finishReason: 'length' })
    .on({ userMessage: SAYS.tool, hasToolResult: true }, { content: 'It is sunny.', usage })
    .onMessage(SAYS.parallelTools, { toolCalls: [PARIS, ROME], usage })
    .onMessage(SAYS.tool, { toolCalls: [PARIS], usage })
    .onMessage(SAYS.json, { content: JSON_ANSWER, usage })
    .onEmbedding(SAYS.embed, { embedding: VECTOR })
    .onMessage(SAYS.rateLimited, refusal(429, 'rate_limit_error', 2))
    .onMessage(SAYS.unauthorized, refusal(401, 'authentication_error'))
    .onMessage(SAYS.crashed, refusal(500, 'api_error'))
    .onMessage(SAYS.overloaded, refusal(529, 'overloaded_error'))
    .onMessage(SAYS.garbled, { content: 'never seen' }, { chaos: { malformedRate: 1 } })
    .onMessage(SAYS.slow, { content: STORY, usage }, { streamingProfile: { ttft: 0, tps: 1_000 / LATER_MS } });
}

/** Starts the mock on a free port of loopback. */
export async function startVendorMock(): Promise<LLMock> {
  const mock = teach(new LLMock({ port: 0, host: '127.0.0.1' }));
  await mock.start();
  return mock;
}

/** A fetch that keeps no connection open: Node reopens one after an abort, and stopping the mock would wait for it. */
export const unpooledFetch: typeof fetch = async (input, init) => {
  const headers = new Headers(init?.headers);
  headers.set('connection', 'close');
  return await fetch(input, { ...init, headers });
};

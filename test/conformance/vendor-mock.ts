import { type ChatCompletionRequest, LLMock } from '@copilotkit/aimock';

/** What the user's message says decides what the mock answers. */
export const SAYS = {
  hello: 'hello',
  long: 'tell me everything',
  rateLimited: 'too fast',
  unauthorized: 'who am I',
  crashed: 'crash',
  overloaded: 'overload',
  garbled: 'garble',
  slow: 'take your time',
} as const;

const SLOWER_THAN_ANY_TEST_MS = 1_000;

function refusal(status: number, type: string, retryAfter?: number) {
  return { error: { message: `The mock answers ${status}.`, type }, status, ...(retryAfter && { retryAfter }) };
}

/**
 * Starts a server that speaks the wire formats of all vendors on one port of loopback. `onSlowRequest` runs when a
 * request that will not be answered in time has arrived.
 */
export async function startVendorMock(onSlowRequest: () => void): Promise<LLMock> {
  const mock = new LLMock({ port: 0 });
  const usage = { prompt_tokens: 11, completion_tokens: 7 };
  mock.onMessage(SAYS.hello, { content: 'Hello there.', usage });
  mock.onMessage(SAYS.long, { content: 'Once upon', usage, finishReason: 'length' });
  mock.onMessage(SAYS.rateLimited, refusal(429, 'rate_limit_error', 2));
  mock.onMessage(SAYS.unauthorized, refusal(401, 'authentication_error'));
  mock.onMessage(SAYS.crashed, refusal(500, 'api_error'));
  mock.onMessage(SAYS.overloaded, refusal(529, 'overloaded_error'));
  mock.onMessage(SAYS.garbled, { content: 'never seen' }, { chaos: { malformedRate: 1 } });
  const isSlow = ({ messages }: ChatCompletionRequest): boolean => {
    const says = messages.at(-1)?.content === SAYS.slow;
    if (says) onSlowRequest();
    return says;
  };
  mock.on({ predicate: isSlow }, { content: 'never seen' }, { chaos: { latencyMs: SLOWER_THAN_ANY_TEST_MS } });
  await mock.start();
  return mock;
}

/** A fetch that keeps no connection open: Node reopens one after an abort, and stopping the mock would wait for it. */
export const unpooledFetch: typeof fetch = async (input, init) => {
  const headers = new Headers(init?.headers);
  headers.set('connection', 'close');
  return await fetch(input, { ...init, headers });
};

import { vi } from 'vitest';
import { testEnv } from './mint-tenant.ts';

/** A call to a provider. */
export interface UpstreamCall {
  readonly path: string;
  readonly body: Record<string, unknown>;
}

export interface PlayedUpstream extends Disposable {
  /** Every call, in order. */
  readonly calls: readonly UpstreamCall[];
}

/** Answers calls to the provider mock's address in its place, as `play` says; null leaves them to it. */
export function playUpstream(
  play: (call: UpstreamCall) => Response | Promise<Response> | null = () => null,
): PlayedUpstream {
  const calls: UpstreamCall[] = [];
  const original = globalThis.fetch;
  const spy = vi.spyOn(globalThis, 'fetch').mockImplementation(async (input, init) => {
    const url = String(input instanceof Request ? input.url : input);
    if (!url.startsWith(testEnv.PROVIDER_URL)) return original(input, init);
    const call = { path: new URL(url).pathname, body: JSON.parse(String(init?.body)) };
    calls.push(call);
    return (await play(call)) ?? original(input, init);
  });
  return { calls, [Symbol.dispose]: () => spy.mockRestore() };
}

/** A chat completion as OpenAI writes it. */
export function completion(content: string, finish_reason = 'stop'): Response {
  const message = { role: 'assistant', content };
  return Response.json({
    ...{ id: `chatcmpl-${crypto.randomUUID()}`, object: 'chat.completion', created: 1, model: 'gpt-4o-mini' },
    choices: [{ index: 0, message, finish_reason }],
    usage: { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 },
  });
}

import type { CallOptions } from '../contract.ts';

/** A request as it reached the fake vendor. */
export interface SeenRequest {
  readonly url: string;
  readonly headers: Headers;
  readonly body: unknown;
  readonly redirect: RequestInit['redirect'];
}

/** Options of a call whose vendor always answers the same, and the requests that it got. */
export function answering(
  answer: () => Response | Promise<Response>,
  overrides: Partial<CallOptions> = {},
): { options: CallOptions; seen: SeenRequest[] } {
  const seen: SeenRequest[] = [];
  const options: CallOptions = {
    model: 'test-model',
    credentials: { apiKey: 'test-key' },
    abortSignal: new AbortController().signal,
    fetch: async (input, init) => {
      const body = JSON.parse(String(init?.body));
      seen.push({ url: String(input), headers: new Headers(init?.headers), body, redirect: init?.redirect });
      return await answer();
    },
    ...overrides,
  };
  return { options, seen };
}

/** As `answering`, with a JSON body. */
export function answeringJson(body: unknown, init?: ResponseInit): ReturnType<typeof answering> {
  return answering(() => Response.json(body, init));
}

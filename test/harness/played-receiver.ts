import { vi } from 'vitest';

/** A request as a receiver of callbacks got it. */
export interface ReceivedCallback {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** A receiver at a URL of its own: it keeps what it got, and answers with `status`. */
export interface PlayedReceiver {
  readonly url: string;
  readonly received: ReceivedCallback[];
  status: number;
}

/** Stands in front of `fetch` for one host that nobody else asks; a test that is over gives `fetch` back (`vi.restoreAllMocks`). */
export function playReceiver(): PlayedReceiver {
  const url = `https://${crypto.randomUUID()}.example/callback`;
  const receiver: PlayedReceiver = { url, received: [], status: 200 };
  const send = globalThis.fetch;
  vi.spyOn(globalThis, 'fetch').mockImplementation(async (input, init) => {
    if (String(input) !== url) return await send(input, init);
    const headers = Object.fromEntries(new Headers(init?.headers));
    receiver.received.push({ url, headers, body: String(init?.body) });
    return new Response(null, { status: receiver.status });
  });
  return receiver;
}

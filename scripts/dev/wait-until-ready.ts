import { setTimeout as sleep } from 'node:timers/promises';

const TIMEOUT_MS = 30_000;
const POLL_MS = 50;

/** Waits until the gateway says that it can serve; fails with its last words after 30 s. */
export async function waitUntilReady(baseUrl: string, stop: AbortSignal): Promise<void> {
  let lastAnswer = 'no answer';
  for (const deadline = Date.now() + TIMEOUT_MS; Date.now() < deadline; await sleep(POLL_MS)) {
    stop.throwIfAborted();
    try {
      const response = await fetch(`${baseUrl}/readyz`, { signal: AbortSignal.timeout(5_000) });
      lastAnswer = `${response.status} ${await response.text()}`;
      if (response.ok) return;
    } catch (error) {
      lastAnswer = String(error);
    }
  }
  throw new Error(`The gateway does not get ready: ${lastAnswer}`);
}

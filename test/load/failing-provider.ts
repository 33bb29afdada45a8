import * as z from 'zod';
import type { BenchContext } from './context.ts';
import { describeLatencies } from './load.ts';
import type { Running } from './measure.ts';
import type { FailingPace } from './upstream-answers.ts';

const CONNECTIONS = 16;
/** The product's problem, or an OpenAI error as its clients know it. */
const typedError = z.union([
  z.object({ code: z.string() }).transform(({ code }) => code),
  z.object({ error: z.object({ code: z.string() }) }).transform(({ error }) => error.code),
]);

/** What clients saw of a provider that fails for a share of the calls. */
export interface FailureOutcome {
  readonly target: string;
  readonly pace: FailingPace;
  readonly requests: number;
  /** Answers that are not 2xx. */
  readonly failed: number;
  /** Those of them that are JSON with a code to branch on. */
  readonly typed: number;
  readonly codes: Readonly<Record<string, number>>;
  readonly p95: number;
}

/** Sends requests to a target whose provider fails, and looks into the answers. */
export async function sendToFailingProvider(
  { target, server }: Running,
  context: BenchContext,
  pace: FailingPace,
  requests: number,
): Promise<FailureOutcome> {
  const { path, headers, callers, body } = target.request(pace, context);
  const init = { method: 'POST', headers: { ...headers, ...callers?.[0] }, body };
  const latencies: number[] = [];
  const codes: Record<string, number> = {};
  let [sent, failed, typed] = [0, 0, 0];
  const startedAt = performance.now();
  const client = async () => {
    while (sent < requests) {
      sent += 1;
      const sentAt = performance.now();
      const response = await fetch(server.url + path, init);
      const text = await response.text();
      latencies.push(performance.now() - sentAt);
      if (response.ok) continue;
      failed += 1;
      const code = codeOf(text);
      if (code === null) continue;
      typed += 1;
      codes[code] = (codes[code] ?? 0) + 1;
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, client));
  const { p95 } = describeLatencies(latencies, performance.now() - startedAt);
  return { target: target.name, pace, requests, failed, typed, codes, p95 };
}

/** The code that an error's body tells, or null. */
export function codeOf(body: string): string | null {
  try {
    return typedError.parse(JSON.parse(body));
  } catch {
    return null;
  }
}

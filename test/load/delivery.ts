import { EVENTS, EVENTS_PER_BURST, PAUSE_MS } from './upstream-answers.ts';

/** Bursts that the slow upstream writes. */
export const BURSTS = Math.ceil(EVENTS.length / EVENTS_PER_BURST);
/** A pause of the upstream is seen as such, however late a burst's first and last packet are. */
const SEEN_PAUSE_MS = PAUSE_MS / 2;
const EVENT_END = '\n\n';

/** Events that one read brought, and when, in milliseconds since the request. */
export interface Arrival {
  readonly atMs: number;
  readonly events: number;
}

/** How a slow stream came to its client. */
export interface Delivery {
  readonly firstMs: number;
  readonly lastMs: number;
  readonly reads: number;
  /** Bursts that came apart, of `BURSTS`. */
  readonly bursts: number;
  /** Share of the events that came while the upstream was still writing. */
  readonly earlyShare: number;
}

/** Reads a stream and notes when its events come. */
export async function readArrivals(request: () => Promise<Response>): Promise<Arrival[]> {
  const startedAt = performance.now();
  const response = await request();
  if (!response.ok || !response.body) throw new Error(`answered ${response.status}: ${await response.text()}`);
  const arrivals: Arrival[] = [];
  let rest = '';
  for await (const text of response.body.pipeThrough(new TextDecoderStream())) {
    const events = (rest + text).split(EVENT_END);
    rest = events.pop() ?? '';
    arrivals.push({ atMs: performance.now() - startedAt, events: events.length });
  }
  return arrivals;
}

/** Sums up when a slow stream came. */
export function describeDelivery(arrivals: readonly Arrival[]): Delivery {
  const lastMs = arrivals.at(-1)?.atMs ?? 0;
  let [bursts, early, total] = [0, 0, 0];
  let before = Number.NEGATIVE_INFINITY;
  for (const { atMs, events } of arrivals) {
    if (atMs - before >= SEEN_PAUSE_MS) bursts += 1;
    if (lastMs - atMs >= SEEN_PAUSE_MS) early += events;
    total += events;
    before = atMs;
  }
  const earlyShare = total === 0 ? 0 : early / total;
  return { firstMs: arrivals[0]?.atMs ?? 0, lastMs, reads: arrivals.length, bursts, earlyShare };
}

/** Whether a stream was kept until its end: most of its events came with the last. */
export function isHeldBack({ earlyShare }: Delivery): boolean {
  return earlyShare < 0.5;
}

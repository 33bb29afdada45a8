import type { RequestRecorded } from '../../shared/contracts/queues.ts';

const HOUR_MS = 3_600_000;
const START = Date.UTC(2026, 10, 1, 22);
const ENVIRONMENTS = [crypto.randomUUID(), crypto.randomUUID()] as const;
const KEYS = [crypto.randomUUID(), null] as const;
const POLICIES = [crypto.randomUUID(), crypto.randomUUID(), null] as const;

/** The outcome of a request in one of five hours of two days, the `at`th of its test. */
export function recordedEvent(
  at: number,
  random: () => number,
  change: Partial<RequestRecorded> = {},
): RequestRecorded {
  const pick = <T>(values: readonly T[]) => values[Math.floor(random() * values.length)] as T;
  const startedAt = START + Math.floor(random() * 5 * HOUR_MS);
  const status = pick(['completed', 'failed', 'canceled'] as const);
  return {
    type: 'request.recorded',
    requestId: crypto.randomUUID(),
    revision: 1,
    environmentId: pick(ENVIRONMENTS),
    apiKeyId: pick(KEYS),
    provider: pick(['openai', 'anthropic'] as const),
    model: pick(['small', 'large']),
    taskType: 'chat',
    status,
    errorCode: status === 'failed' ? pick(['provider_error', 'timeout']) : null,
    usage: { inputTokens: at, outputTokens: Math.floor(random() * 1_000) },
    costPicoUsd: String(Math.floor(random() * 1e15)),
    priceVersion: crypto.randomUUID(),
    latencyMs: random() < 0.1 ? null : at,
    startedAt,
    endedAt: startedAt + at,
    traceId: null,
    metadata: { at },
    ...(random() < 0.3 && { cache: cacheUse(random) }),
    ...(random() < 0.6 && { routing: routingDecision(pick(POLICIES), Math.floor(random() * 4)) }),
    ...change,
  };
}

function cacheUse(random: () => number): NonNullable<RequestRecorded['cache']> {
  const outcome = (['miss', 'exact', 'joined', 'alike'] as const)[Math.floor(random() * 4)] ?? 'miss';
  if (outcome === 'miss') return { outcome };
  const [savedPicoUsd, savedTokens] = [String(Math.floor(random() * 1e15)), Math.floor(random() * 1_000)];
  return { outcome, savedPicoUsd, savedTokens, ageMs: 1 };
}

/** A policy's decision among three candidates, of which that in a place served: behind them, none did. */
export function routingDecision(policyId: string | null, served: number): NonNullable<RequestRecorded['routing']> {
  const statusAt = (place: number) => (place < served ? 'failed' : place === served ? 'served' : 'standby');
  return {
    ...{ policyId, policyVersion: policyId && 1, strategy: 'priority', rule: null },
    candidates: [0, 1, 2].map((place) => ({
      ...{ provider: 'openai', model: `model-${place}`, account: 'main', status: statusAt(place), reason: 'priority' },
    })),
  };
}

/** What became known later of a request that was recorded as an estimate. */
export function correctedEvent(
  event: RequestRecorded,
  usage: RequestRecorded['usage'],
  costPicoUsd: string,
): RequestRecorded {
  return { ...event, revision: event.revision + 1, status: 'completed', errorCode: null, usage, costPicoUsd };
}

/** In an order of the random numbers' own. */
export function shuffled<T>(values: readonly T[], random: () => number): T[] {
  return values
    .map((value) => ({ value, order: random() }))
    .sort((one, other) => one.order - other.order)
    .map(({ value }) => value);
}

/** Consecutive parts, each of the size then asked for. */
export function batches<T>(values: readonly T[], size: () => number): T[][] {
  const result: T[][] = [];
  for (let at = 0; at < values.length; ) {
    const end = at + size();
    result.push(values.slice(at, end));
    at = end;
  }
  return result;
}

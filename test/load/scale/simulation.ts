import type { HoldCommand } from '../../../shared/contracts/rpc.ts';
import { toRequestRecorded } from '../../../shared/domain/admission/request-event.ts';
import { TenantSessions } from '../../../workers/gateway/admission/tenant-sessions.ts';
import { HOLD_RENEWAL_MS } from '../../../workers/gateway/constants.ts';
import { seededRandom } from '../../harness/seeded-random.ts';
import { holdOf, MOST, OUTCOME, snapshotOf, USED } from '../sample-tenant.ts';
import { type GateTally, newTally, perSecond } from './gate-tally.ts';
import { MEASURED, splitCost } from './measurements.ts';
import { SimulatedGate } from './simulated-gate.ts';
import { VirtualTime } from './virtual-time.ts';
import { zipf } from './zipf.ts';

export interface ScaleOptions {
  /** Requests a second, of all tenants. */
  readonly rate: number;
  readonly tenants: number;
  /** The n-th tenant sends n^-skew times as much as the first (Zipf). */
  readonly skew: number;
  /** Gateway isolates; each request comes to any of them. */
  readonly isolates: number;
  /** How long a model takes on average; times are exponentially distributed above a tenth of it. */
  readonly requestMs: number;
  /** From an isolate to a Durable Object, or back with its commit. Assumed: the platform promises no number. */
  readonly hopMs: number;
  /** Simulated seconds before counting begins, and while it is on. */
  readonly warmUpSeconds: number;
  readonly seconds: number;
  readonly seed: number;
}

/** What happened in a second, on average. */
export interface ScaleResult {
  readonly requests: number;
  readonly refused: number;
  /** Tenants that sent something. */
  readonly tenants: number;
  /** Requests that were admitted without a call. */
  readonly local: number;
  /** Until a request that asked was decided, milliseconds. */
  readonly waitP50: number;
  readonly waitP99: number;
  readonly running: number;
  readonly gates: Readonly<GateTally>;
  /** Objects that did something, and shards of hot tenants among all. */
  readonly objects: number;
  readonly shards: number;
  /** Of the object that was called most. */
  readonly busiest: Work;
}

/** What one object does in a second. */
interface Work {
  readonly calls: number;
  /** That began by its leases. */
  readonly requests: number;
  readonly busyShare: number;
}

const NO_WORK: Work = { calls: 0, requests: 0, busyShare: 0 };
/** How often a request is planned, as in the gateway. */
const PLANS = 3;

/** What docs/scale.md quotes. */
export const DEFAULT_SCALE: ScaleOptions = {
  ...{ rate: 10_000, tenants: 2_000, skew: 1, isolates: 20, requestMs: 1_000, hopMs: 5 },
  ...{ warmUpSeconds: 3, seconds: 1, seed: 1 },
};

const START = Date.UTC(2026, 10, 22, 12);

/**
 * Plays seconds of the platform: gateway isolates with the product's own sessions, TenantGates with its own rules, and
 * requests that come at random (Poisson) to tenants of very different sizes. The same options, the same result.
 */
export async function simulate(options: ScaleOptions): Promise<ScaleResult> {
  const { rate, isolates, warmUpSeconds, seconds } = options;
  const random = seededRandom(options.seed);
  const time = new VirtualTime(START);
  const tally = newTally();
  const gates = new Map<string, SimulatedGate>();
  let ids = 0;
  const [oneMs, manyMs] = [1000 / MEASURED.settlesOneByOne.value, 1000 / MEASURED.settlesTogether.value];
  const { each, shared } = splitCost(oneMs, manyMs);
  const pickTenant = zipf(options.tenants, options.skew, random);
  const snapshot = snapshotOf('01990000-0000-7000-8000-000000000000');
  const counted = { requests: 0, refused: 0, local: 0, running: 0 };
  const waits: number[] = [];
  const senders = new Set<number>();

  const gateOf = (tenant: string, shard: number): SimulatedGate => {
    const name = `${tenant}/${shard}`;
    const known = gates.get(name);
    if (known) return known;
    const gate = new SimulatedGate({
      ...{ time, snapshot, tally, hopMs: options.hopMs, generateId: () => numberedId(ids++) },
      root: shard === 0 ? null : gateOf(tenant, 0),
      serviceMs: (events) => shared + each * events,
    });
    gates.set(name, gate);
    return gate;
  };
  const sessions = Array.from(
    { length: isolates },
    () =>
      new TenantSessions({
        gate: gateOf,
        ...{ now: () => Date.now(), onNews: () => {}, onFailure: () => {} },
      }),
  );
  /** As the gateway's pipeline has it; a decision by something outdated is made again. */
  const admit = async (own: TenantSessions, tenant: string) => {
    for (let plans = 1; ; plans++) {
      const session = own.of(tenant);
      const { requestId, index } = session.nextRequest();
      const hold: HoldCommand = { ...holdOf(requestId), startedAt: Date.now() };
      const pulse = { seenAt: Date.now() };
      const demand = { snapshot, hold, most: MOST, index, priority: 'normal', pulse } as const;
      const local = session.admitLocally(demand);
      if (local) {
        counted.local += 1;
        session.tellSoon(keep);
        return { session, hold, admitted: local };
      }
      const askedAt = time.now();
      const decided = await session.ask(demand, keep);
      waits.push(time.now() - askedAt);
      if (decided.ok) return { session, hold, admitted: decided.value };
      if (decided.error.reason !== 'stale' || plans === PLANS) return null;
    }
  };
  const request = async (): Promise<void> => {
    const tenant = pickTenant();
    const own = sessions[Math.floor(random() * isolates)];
    if (!own) return;
    counted.requests += 1;
    senders.add(tenant);
    const begun = await admit(own, `${tenant}`);
    if (!begun) {
      counted.refused += 1;
      return;
    }
    const { session, hold, admitted } = begun;
    counted.running += 1;
    const renewal = everyWhile(time, HOLD_RENEWAL_MS, () => {
      admitted.pulse.seenAt = Date.now();
      keep(session.renew());
    });
    await time.wait(Math.round(options.requestMs * (0.1 - 0.9 * Math.log(1 - random()))));
    renewal.end();
    counted.running -= 1;
    session.settle(admitted, USED, JSON.stringify(toRequestRecorded(hold, OUTCOME)), keep);
  };
  const arrive = (): void => {
    void request();
    time.in((-Math.log(1 - random()) * 1000) / rate, arrive);
  };

  arrive();
  const begin = START + warmUpSeconds * 1000;
  await passUntil(time, begin, random);
  const before = { ...tally };
  const gatesBefore = new Map(
    [...gates].map(([name, { calls, busyMs, requests }]) => [name, { calls, busyMs, requests }]),
  );
  Object.assign(counted, { requests: 0, refused: 0, local: 0 });
  waits.length = 0;
  senders.clear();
  await passUntil(time, begin + seconds * 1000, random);
  const worked = [...gates].flatMap(([name, { calls, busyMs, requests }]): Work[] => {
    const known = gatesBefore.get(name) ?? { calls: 0, busyMs: 0, requests: 0 };
    if (calls === known.calls) return [];
    return [
      {
        calls: (calls - known.calls) / seconds,
        requests: (requests - known.requests) / seconds,
        busyShare: (busyMs - known.busyMs) / (seconds * 1000),
      },
    ];
  });
  return {
    requests: counted.requests / seconds,
    refused: counted.refused / seconds,
    tenants: senders.size,
    objects: worked.length,
    shards: [...gates.keys()].filter((name) => !name.endsWith('/0')).length,
    local: counted.local / seconds,
    waitP50: percentile(waits, 0.5),
    waitP99: percentile(waits, 0.99),
    running: counted.running,
    gates: perSecond(before, tally, seconds),
    busiest: worked.reduce((most, each) => (each.calls > most.calls ? each : most), NO_WORK),
  };
}

/** Lets time pass with random numbers that are the same each time. */
async function passUntil(time: VirtualTime, end: number, random: () => number): Promise<void> {
  const { random: realRandom } = Math;
  Math.random = random;
  try {
    await time.runUntil(end);
  } finally {
    Math.random = realRandom;
  }
}

/** Work that goes on behind an answer: its failures have reached those who wait for it. */
function keep(work: Promise<unknown>): void {
  work.catch(() => {});
}

function everyWhile(time: VirtualTime, ms: number, work: () => void): { end(): void } {
  let timer = time.in(ms, again);
  function again(): void {
    work();
    timer = time.in(ms, again);
  }
  return {
    end: () => {
      timer.isCleared = true;
    },
  };
}

function percentile(values: number[], share: number): number {
  values.sort((a, b) => a - b);
  return values[Math.ceil(values.length * share) - 1] ?? 0;
}

/** An id whose place in the order of making is its number. */
function numberedId(number: number): string {
  return `01990000-0000-7000-8000-${number.toString(16).padStart(12, '0')}`;
}

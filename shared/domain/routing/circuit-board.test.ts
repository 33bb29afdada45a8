import { describe, expect, it } from 'vitest';
import { FAILURES_TO_OPEN, PROBE_PAUSE_MS } from './circuit.ts';
import { CircuitBoard } from './circuit-board.ts';
import { KnownCircuits } from './known-circuits.ts';
import { ShardCircuits } from './shard-circuits.ts';

const NAME = 'account model';
const START = 1_763_780_000_000;

type Gate = Pick<CircuitBoard, 'exchange'>;

/** An isolate tells its gate all it has to tell, and hears what there is. */
function exchange(isolate: KnownCircuits, gate: Gate, by: string, now: number): void {
  isolate.hear(gate.exchange(isolate.tell(), by, now), now);
}

function fail(isolate: KnownCircuits, times: number, now: number): void {
  for (let failure = 0; failure < times; failure++) isolate.ended(NAME, 'failed', now);
}

/** Which of the isolates may probe, when each of them would. */
function probers(isolates: readonly (readonly [isolate: KnownCircuits, gate: Gate])[], now: number): number[] {
  for (const [isolate] of isolates) isolate.mayCall(NAME, now);
  for (const [at, [isolate, gate]] of isolates.entries()) exchange(isolate, gate, `lease of ${at}`, now);
  return isolates.flatMap(([isolate], at) => (isolate.begin(NAME, now) ? [at] : []));
}

describe('a tenant’s circuits', () => {
  const world = () => {
    const gate = new CircuitBoard(START);
    const isolates = Array.from({ length: 4 }, () => [new KnownCircuits(), gate] as const);
    const tellAll = (now: number) => {
      for (const [at, [isolate]] of isolates.entries()) exchange(isolate, gate, `lease of ${at}`, now);
    };
    tellAll(START);
    return { gate, isolates, tellAll };
  };

  it('F10: are probed by one of four isolates, and by another one when that one is never heard of', () => {
    const { isolates, tellAll } = world();
    fail(isolates[0]?.[0] as KnownCircuits, FAILURES_TO_OPEN, START);
    tellAll(START);
    expect(probers(isolates, START + PROBE_PAUSE_MS - 1)).toEqual([]);
    const due = START + PROBE_PAUSE_MS;
    expect(probers(isolates, due)).toHaveLength(1);
    expect(probers(isolates, due + PROBE_PAUSE_MS - 1)).toEqual([]);
    expect(probers(isolates, due + PROBE_PAUSE_MS)).toHaveLength(1);
  });

  it('control: where the gate tells nothing of circuits each isolate probes', () => {
    const deaf: Gate = { exchange: () => undefined as never };
    const isolates = Array.from({ length: 4 }, () => [new KnownCircuits(), deaf] as const);
    for (const [isolate] of isolates) fail(isolate, FAILURES_TO_OPEN, START);
    expect(probers(isolates, START + PROBE_PAUSE_MS)).toHaveLength(4);
  });

  it('count failures in a row over all isolates, and an answer in one of them begins anew', () => {
    const { isolates, tellAll } = world();
    const [first, second] = isolates.map(([isolate]) => isolate) as [KnownCircuits, KnownCircuits];
    fail(first, 3, START);
    tellAll(START);
    tellAll(START);
    second.ended(NAME, 'answered', START);
    tellAll(START);
    fail(first, 2, START);
    tellAll(START);
    tellAll(START);
    expect(isolates.map(([isolate]) => isolate.mayCall(NAME, START))).toEqual(Array(4).fill(true));
    fail(second, 3, START);
    tellAll(START);
    tellAll(START);
    expect(isolates.map(([isolate]) => isolate.mayCall(NAME, START))).toEqual(Array(4).fill(false));
  });

  it('are told only when they are news, and a probe that is asked for again is the same', () => {
    const { gate } = world();
    const ended = [{ name: NAME, isAnswered: false, failures: FAILURES_TO_OPEN, retryAfterMs: 0 }];
    const { version } = gate.exchange({ knownVersion: 0, ended }, 'a', START);
    expect(gate.exchange({ knownVersion: version }, 'b', START)).toEqual({ memory: START, version });
    const due = START + PROBE_PAUSE_MS;
    const asked = () => gate.exchange({ knownVersion: 0, wishes: [NAME] }, 'a', due + 1).probes;
    expect([asked(), asked()]).toEqual(Array(2).fill([{ name: NAME, since: due + 1 }]));
    expect(gate.exchange({ knownVersion: 0, wishes: [NAME] }, 'b', due + 2).probes).toBeUndefined();
  });

  it('are those of the root in all shards of a hot tenant, and probed by one isolate of them all', () => {
    const root = new CircuitBoard(START);
    const shards = [new ShardCircuits(START + 1), new ShardCircuits(START + 2)] as const;
    const isolates = [0, 1, 0, 1].map((shard) => [new KnownCircuits(), shards[shard as 0 | 1]] as const);
    const callRoot = (now: number) => {
      for (const [at, { known }] of shards.entries()) exchange(known, root, `shard ${at}`, now);
    };
    const tellAll = (now: number) => {
      for (const [at, [isolate, shard]] of isolates.entries()) exchange(isolate, shard, `lease of ${at}`, now);
      callRoot(now);
    };
    tellAll(START);
    fail(isolates[0]?.[0] as KnownCircuits, FAILURES_TO_OPEN, START);
    for (let round = 0; round < 3; round++) tellAll(START);
    expect(isolates.map(([isolate]) => isolate.mayCall(NAME, START))).toEqual(Array(4).fill(false));
    const due = START + PROBE_PAUSE_MS;
    expect(probers(isolates, due)).toEqual([]); // it is wished for, and the root has not been asked
    callRoot(due);
    expect(probers(isolates, due)).toHaveLength(1);
    callRoot(due);
    expect(probers(isolates, due)).toEqual([]);
  });
});

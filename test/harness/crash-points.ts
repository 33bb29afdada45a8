import type { TenantGateRpc } from '../../shared/contracts/rpc.ts';
import type { TaskRunnerOutside } from '../../workers/providers/tasks/task-runner.ts';

/** Where a runner can be killed: each names what it has just done, or is about to do, to the world. */
export const CRASH_POINTS = [
  ...['before the hold', 'after the hold', 'before dispatch', 'after dispatch', 'mid-answer'],
  ...['after the last byte', 'before settling', 'after settling', 'before its record', 'after its record'],
] as const;
export type CrashPoint = (typeof CRASH_POINTS)[number];

/** Never goes on: to whoever waits for it, the process is gone. */
const gone = () => new Promise<never>(() => {});

/** Stops runners at a point, the `nth` time that it is passed; counts what reached providers by its trace. */
export class CrashPoints {
  /** Calls that a provider got, by trace. */
  readonly dispatched = new Map<string, number>();
  #at: CrashPoint | null = null;
  #left = 0;
  #isForAll = false;

  /** A runner has been stopped. To be asked for now and then: what waited for a promise of it would run in its object. */
  hasStopped = false;

  stopAt(point: CrashPoint, nth: number): void {
    this.#at = point;
    this.#left = nth;
    this.#isForAll = false;
    this.hasStopped = false;
  }

  /** The same for all that come to the point from the `nth` time on, until it is disarmed. */
  stopAllAt(point: CrashPoint, nth: number): void {
    this.stopAt(point, nth);
    this.#isForAll = true;
  }

  disarm(): void {
    this.#at = null;
  }

  /** Stands between runners and all that they reach; `answer` plays the provider, which is asked by the text of a body. */
  standBefore(outside: TaskRunnerOutside, answer: (asked: string) => string): TaskRunnerOutside {
    return {
      ...outside,
      gate: (tenantId, shard) => this.#before(outside.gate(tenantId, shard)),
      fetch: async (_input, init) => {
        await this.#reach('before dispatch');
        const trace = new Headers(init?.headers).get('traceparent')?.split('-')[1] ?? 'none';
        this.dispatched.set(trace, (this.dispatched.get(trace) ?? 0) + 1);
        await this.#reach('after dispatch');
        const text = answer(String(init?.body));
        const type = text.startsWith('data:') ? 'text/event-stream' : 'application/json';
        return new Response(this.#bodyOf(text), { headers: { 'content-type': type } });
      },
    };
  }

  #before(gate: TenantGateRpc): Pick<TenantGateRpc, keyof TenantGateRpc> {
    return {
      snapshot: (known) => gate.snapshot(known),
      publish: (snapshot) => gate.publish(snapshot),
      limits: () => gate.limits(),
      freshness: () => gate.freshness(),
      standing: () => gate.standing(),
      deny: (denials) => gate.deny(denials),
      confirm: (sequences) => gate.confirm(sequences),
      hold: (request) => this.#around('the hold', () => gate.hold(request)),
      sync: (command) => this.#around('settling', () => gate.sync(command)),
      record: (events, from) => this.#around('its record', () => gate.record(events, from)),
      forgetEvents: () => gate.forgetEvents(),
    };
  }

  async #around<T>(name: 'the hold' | 'settling' | 'its record', call: () => Promise<T>): Promise<T> {
    await this.#reach(`before ${name}`);
    const result = await call();
    await this.#reach(`after ${name}`);
    return result;
  }

  #bodyOf(text: string): ReadableStream<Uint8Array> {
    const bytes = new TextEncoder().encode(text);
    const half = bytes.length / 2;
    const pieces = [bytes.slice(0, half), bytes.slice(half)];
    return new ReadableStream({
      pull: async (controller) => {
        const piece = pieces.shift();
        if (pieces.length === 0) await this.#reach(piece ? 'mid-answer' : 'after the last byte');
        if (piece) controller.enqueue(piece);
        else controller.close();
      },
    });
  }

  async #reach(point: CrashPoint): Promise<void> {
    if (point !== this.#at || --this.#left > 0) return;
    if (!this.#isForAll) this.#at = null;
    this.hasStopped = true;
    await gone();
  }
}

import type { LedgerEvent, RequestRecorded } from '../../shared/contracts/queues.ts';
import type { HoldCommand, HoldReply, HoldRequest, SyncCommand, SyncReply } from '../../shared/contracts/rpc.ts';
import type { TenantSnapshot } from '../../shared/contracts/tenant-snapshot.ts';
import { AdmissionBook, LEASE_TTL_MS } from '../../shared/domain/admission/admission-book.ts';
import { limitsOf } from '../../shared/domain/admission/limit.ts';
import { toRequestRecorded } from '../../shared/domain/admission/request-event.ts';
import { isLive } from '../../shared/domain/admission/window.ts';
import type { AdmissionRefusal, Pulse } from '../../workers/gateway/admission/demand.ts';
import { TenantSessions } from '../../workers/gateway/admission/tenant-sessions.ts';
import type { Priority } from '../../workers/gateway/admission/waiting-line.ts';
import { HOLD_RENEWAL_MS } from '../../workers/gateway/constants.ts';
import { VirtualTime } from '../load/scale/virtual-time.ts';
import { MemoryBookStore } from './memory-book-store.ts';
import { seededRandom } from './seeded-random.ts';

export const WORLD_START = Date.UTC(2026, 10, 22, 12);

/** What a commit may be late by: one alarm. */
const ALARM_LATE_MS = 1_000;

/** Shares of calls (0 to 1), and delays in milliseconds. */
export interface Faults {
  readonly lostRequests: number;
  readonly lostAnswers: number;
  readonly duplicates: number;
  readonly delayMs: number;
}

export const NO_FAULTS: Faults = { lostRequests: 0, lostAnswers: 0, duplicates: 0, delayMs: 5 };

export interface WorldOptions {
  readonly seed: number;
  readonly snapshot: TenantSnapshot;
  readonly isolates: number;
  readonly faults?: Faults;
  /** The book to play with: a control has one with a fault. */
  book?(store: MemoryBookStore, generateId: () => string): AdmissionBook;
  /** What an isolate says on its way to the gate: a control changes it. */
  onSync?(command: SyncCommand): SyncCommand;
  /** As in `SessionOptions`. */
  readonly asksForEach?: boolean;
  /** A request that moves from a lease that is over keeps its name: a control. */
  readonly doMovedKeepNames?: boolean;
}

export interface WorldRequest {
  readonly hold: Omit<HoldCommand, 'requestId' | 'startedAt'>;
  readonly tokens: bigint;
  /** What the provider will say that it used. */
  readonly costPicoUsd: bigint;
  readonly latencyMs: number;
  readonly priority?: Priority;
  /** Its client leaves so many milliseconds after it began: nothing of it is seen any more, until it ends, if it does. */
  readonly leavesAfterMs?: number;
  readonly isEnded?: boolean;
}

export type RequestEnd = 'done' | 'abandoned' | AdmissionRefusal;

interface Isolate {
  sessions: TenantSessions;
  isDead: boolean;
}

/**
 * A tenant's gate with real rules over a store in memory, and isolates with real sessions, on a network and with clocks
 * that are as bad as they are told to be. Deterministic: the same seed, the same run. Each commit is looked at: what is
 * wrong with it goes to `violations`.
 */
export class AdmissionWorld {
  readonly time = new VirtualTime(WORLD_START);
  readonly random: () => number;
  readonly store = new MemoryBookStore();
  /** What the provider counted, and what it was allowed to. */
  readonly provider = new Map<string, bigint>();
  readonly violations: string[] = [];
  readonly isolates: Isolate[];
  snapshot: TenantSnapshot;
  faults: Faults;
  local = 0;
  asked = 0;
  readonly #options: WorldOptions;
  #book: AdmissionBook | null = null;
  #epoch = 0;
  #ids = 0;
  #alarmAt: number | null = null;
  #clockAhead = 0;

  constructor(options: WorldOptions) {
    this.#options = options;
    this.random = seededRandom(options.seed);
    this.snapshot = options.snapshot;
    this.faults = options.faults ?? NO_FAULTS;
    this.isolates = Array.from({ length: options.isolates }, () => this.#newIsolate());
  }

  /** The gate's clock. */
  gateNow(): number {
    return Math.floor(this.time.now()) + this.#clockAhead;
  }

  jumpGateClock(ms: number): void {
    this.#clockAhead += ms;
    this.#alarm();
  }

  get book(): AdmissionBook {
    const { book } = this.#options;
    const generateId = () => `${this.#ids++}`;
    this.#book ??= book ? book(this.store, generateId) : new AdmissionBook(this.store, this.store.read(), generateId);
    return this.#book;
  }

  /** The object loses its memory and what is under way; `inCommand`: its next command is cut off in the middle. */
  killGate(inCommand = false): void {
    this.#epoch += 1;
    this.#book = null;
    if (inCommand) this.store.crashIn = Math.floor(this.random() * 4);
  }

  killIsolate(at: number): void {
    const isolate = this.isolates[at];
    if (isolate) isolate.isDead = true;
    this.isolates[at] = this.#newIsolate();
  }

  async run(forMs: number): Promise<void> {
    const realRandom = Math.random;
    Math.random = this.random;
    try {
      await this.time.runUntil(this.time.now() + forMs);
    } finally {
      Math.random = realRandom;
    }
  }

  /** A request from admission to settlement, as the pipeline has it. */
  async request(at: number, asked: WorldRequest): Promise<RequestEnd> {
    const isolate = this.isolates[at];
    if (!isolate) throw new Error(`no isolate ${at}`);
    const waitUntil = (work: Promise<unknown>) => void work.catch(() => {});
    const most = { picoUsd: BigInt(asked.hold.amountPicoUsd), tokens: asked.tokens };
    let session = isolate.sessions.of('tenant');
    let { requestId, index } = session.nextRequest();
    for (let plans = 1; ; plans++) {
      const hold: HoldCommand = { ...asked.hold, requestId, startedAt: Math.floor(this.time.now()) };
      const pulse: Pulse = { seenAt: 0 };
      const demand = { snapshot: this.snapshot, hold, most, index, priority: asked.priority ?? 'normal', pulse };
      const locally = session.admitLocally(demand);
      if (locally) {
        this.local += 1;
        session.tellSoon(waitUntil);
      } else this.asked += 1;
      const decided = locally ? { ok: true as const, value: locally } : await session.ask(demand, waitUntil);
      if (isolate.isDead) return 'abandoned';
      if (!decided.ok) {
        if (decided.error.reason !== 'stale' || plans === 3) return decided.error;
        const next = isolate.sessions.of('tenant');
        if (!this.#options.doMovedKeepNames) ({ requestId, index } = next.nextRequest());
        else if (next !== session) index = Number.POSITIVE_INFINITY;
        session = next;
        continue;
      }
      this.provider.set(requestId, asked.costPicoUsd);
      const { leavesAfterMs = Number.POSITIVE_INFINITY, isEnded = false } = asked;
      const began = this.time.now();
      const ends = began + asked.latencyMs;
      while (this.time.now() + HOLD_RENEWAL_MS < ends) {
        await this.time.wait(HOLD_RENEWAL_MS);
        if (isolate.isDead) return 'abandoned';
        if (this.time.now() - began >= leavesAfterMs) continue;
        pulse.seenAt = Math.floor(this.time.now());
        waitUntil(session.renew());
      }
      await this.time.wait(ends - this.time.now());
      if (isolate.isDead || isEnded) return 'abandoned';
      const used = { picoUsd: asked.costPicoUsd, tokens: asked.tokens, isCounted: true };
      session.settle(decided.value, used, recordText(hold, asked.costPicoUsd, 1), waitUntil);
      return 'done';
    }
  }

  /** The ledger's rows: of each request the highest revision, of the first that came. */
  ledger(): Map<string, RequestRecorded> {
    const rows = new Map<string, RequestRecorded>();
    for (const text of this.store.events) {
      const event: LedgerEvent = JSON.parse(text);
      if (event.type !== 'request.recorded') continue;
      if ((rows.get(event.requestId)?.revision ?? 0) < event.revision) rows.set(event.requestId, event);
    }
    return rows;
  }

  /** Tells of what dead isolates had called, as the provider's own record has it. Everything that lives must be quiet. */
  correctLostLeases(): void {
    const estimated = [...this.ledger().values()].filter(({ status }) => status === 'estimated');
    for (const lease of [...this.store.leases.values()].filter(({ isExpired }) => isExpired)) {
      const own = estimated.filter(({ requestId }) => requestId.slice(0, -8) === lease.leaseId.slice(0, -8));
      const called = own.filter(({ requestId }) => this.provider.has(requestId));
      const cost = called.reduce((sum, { requestId }) => sum + (this.provider.get(requestId) ?? 0n), 0n);
      const canceledIds = own.map(({ requestId }) => requestId).filter((id) => !this.provider.has(id));
      const events = called.map((record) =>
        JSON.stringify({ ...record, status: 'completed', costPicoUsd: `${this.provider.get(record.requestId)}` }),
      );
      this.commit((book) =>
        book.sync(
          this.snapshot,
          {
            ...{ leaseId: lease.leaseId, sequence: lease.sequence + 1_000, knownConfigVersion: 1e9, events },
            ...{ settledIds: called.map(({ requestId }) => requestId), canceledIds, started: [], topUps: [] },
            statements: moneyOf(
              lease.amounts.values(),
              cost,
              canceledIds.map((id) => this.store.readHold(id)),
            ),
            ...{ indexThrough: 0, permits: 0, pattern: null, isIdle: true, isOver: true },
          },
          this.gateNow(),
        ),
      );
    }
  }

  /** One transaction of the gate, after which everything is looked at. */
  commit<T>(command: (book: AdmissionBook) => T): T {
    try {
      const answer = this.store.transaction(() => command(this.book));
      this.#look();
      return answer;
    } catch (error) {
      this.#book = null;
      throw error;
    }
  }

  #look(): void {
    const now = this.gateNow();
    for (const limit of limitsOf(this.snapshot).values()) {
      if (limit.cap === null || !limit.isEnforced || limit.window.kind === 'token-bucket') continue;
      let taken = 0n;
      for (const counter of this.store.counters.values()) {
        if (counter.limitId !== limit.id) continue;
        if (counter.out < 0n) this.violations.push(`${limit.id} has ${counter.out} out`);
        if (isLive(limit.window, counter.start, now)) taken += counter.spent + counter.out;
      }
      if (taken > limit.cap) this.violations.push(`${limit.id}: ${taken} of ${limit.cap} at ${now}`);
    }
    for (const { leaseId, deadline, isExpired } of this.store.leases.values()) {
      if (!isExpired && deadline + ALARM_LATE_MS < now)
        this.violations.push(`lease ${leaseId} is ${now - deadline} over`);
    }
  }

  #newIsolate(): Isolate {
    const isolate: Isolate = {
      isDead: false,
      sessions: new TenantSessions({
        gate: () => ({
          hold: (request) => this.#call<HoldReply>(isolate, (book) => this.#hold(book, request)),
          sync: (command) => this.#call<SyncReply>(isolate, (book) => this.#sync(book, command)),
        }),
        asksForEach: this.#options.asksForEach ?? false,
        now: () => Math.floor(this.time.now()),
        ...{ onNews: () => {}, onFailure: () => {} },
      }),
    };
    return isolate;
  }

  #hold(book: AdmissionBook, request: HoldRequest): HoldReply {
    const reply = { ...book.hold(this.snapshot, request, this.gateNow()), shards: 1 };
    this.#armFor(this.gateNow() + LEASE_TTL_MS);
    return reply;
  }

  #sync(book: AdmissionBook, command: SyncCommand): SyncReply {
    const told = this.#options.onSync?.(command) ?? command;
    const reply = { ...book.sync(this.snapshot, told, this.gateNow()), shards: 1 };
    this.#armFor(this.gateNow() + LEASE_TTL_MS);
    return reply;
  }

  /** Over the network: a call may be lost, doubled, late, or go down with the object. A dead isolate hears nothing. */
  async #call<T>(isolate: Isolate, command: (book: AdmissionBook) => T): Promise<T> {
    const { lostRequests, lostAnswers, duplicates, delayMs } = this.faults;
    const hop = () => this.time.wait(1 + Math.floor(this.random() * delayMs));
    const epoch = this.#epoch;
    await hop();
    if (isolate.isDead) return await new Promise<never>(() => {});
    if (this.random() < lostRequests || epoch !== this.#epoch) throw new Error('the request was lost');
    const answer = this.commit(command);
    if (this.random() < duplicates) {
      void hop().then(() => {
        if (epoch === this.#epoch) this.commit(command);
      });
    }
    await hop();
    if (isolate.isDead) return await new Promise<never>(() => {});
    if (this.random() < lostAnswers || epoch !== this.#epoch) throw new Error('the answer was lost');
    return answer;
  }

  #armFor(due: number): void {
    if (this.#alarmAt !== null && this.#alarmAt <= due) return;
    this.#alarmAt = due;
    this.time.in(due - this.gateNow(), () => {
      if (this.#alarmAt === due) this.#alarm();
    });
  }

  #alarm(): void {
    this.#alarmAt = null;
    try {
      this.commit((book) => book.expire(this.snapshot, this.gateNow()));
    } catch {
      this.commit((book) => book.expire(this.snapshot, this.gateNow()));
    }
    const next = this.book.nextDeadline();
    if (next !== null) this.#armFor(next);
  }
}

export function recordText(hold: HoldCommand, costPicoUsd: bigint, revision: number): string {
  return JSON.stringify(
    toRequestRecorded(hold, {
      ...{ revision, status: 'completed', errorCode: null, usage: {}, costPicoUsd: `${costPicoUsd}` },
      ...{ latencyMs: 1, endedAt: hold.startedAt + 1 },
    }),
  );
}

/** Of a lost lease: all is released, and the money spent is what the provider said; what is canceled goes back by itself. */
function moneyOf(
  amounts: Iterable<{ readonly limitId: string; readonly start: number; readonly amount: bigint }>,
  cost: bigint,
  canceled: readonly (string | null)[],
) {
  const gone = new Map<string, bigint>();
  for (const text of canceled) {
    if (text === null) continue;
    const [, lines]: [unknown, [string, number, unknown, string][]] = JSON.parse(text);
    for (const [limitId, , , amount] of lines) gone.set(limitId, (gone.get(limitId) ?? 0n) + BigInt(amount));
  }
  return [...amounts].map(({ limitId, start, amount }) => {
    const released = amount - (gone.get(limitId) ?? 0n);
    return { limitId, start, released, spent: limitId.endsWith(':picoUsd') ? cost : 0n, held: 0n };
  });
}

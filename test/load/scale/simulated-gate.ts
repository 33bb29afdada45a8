import {
  HOLD_ATTEMPTS,
  OUTBOX_DELAY_MS,
  OUTBOX_MESSAGE_BYTES,
  ROOT_RENEWAL_MS,
} from '../../../durable-objects/tenant-gate/constants.ts';
import { RootLease } from '../../../durable-objects/tenant-gate/root-lease.ts';
import { ShardCount } from '../../../durable-objects/tenant-gate/shard-count.ts';
import type { LimitStatus } from '../../../shared/contracts/limits.ts';
import type { Amount, HoldReply, HoldRequest, SyncCommand, SyncReply } from '../../../shared/contracts/rpc.ts';
import type { TenantSnapshot } from '../../../shared/contracts/tenant-snapshot.ts';
import { AdmissionBook, LEASE_TTL_MS } from '../../../shared/domain/admission/admission-book.ts';
import { Allotments, newAllotments } from '../../../shared/domain/admission/allotments.ts';
import { amountsOf } from '../../../shared/domain/admission/amounts-asked.ts';
import { KnownCircuits } from '../../../shared/domain/routing/known-circuits.ts';
import { CountingStore, type OutboxRow, ROWS, ROWS_READ } from './counting-store.ts';
import type { GateTally } from './gate-tally.ts';
import { LIMITS } from './prices.ts';
import type { VirtualTime } from './virtual-time.ts';

export interface SimulatedGateOptions {
  readonly time: VirtualTime;
  readonly snapshot: TenantSnapshot;
  readonly tally: GateTally;
  /** Milliseconds that a call keeps the object busy, by the events that it brings. */
  readonly serviceMs: (events: number) => number;
  /** From an isolate or an object to this one or back, its commit included. */
  readonly hopMs: number;
  /** The tenant's TenantGate, for a shard of it; null: it is this one. */
  readonly root: SimulatedGate | null;
  readonly generateId: () => string;
}

/** What a shard has beside its book. */
interface Shard {
  readonly allotments: Allotments;
  readonly root: RootLease;
}

/**
 * TenantGate as it is seen from outside: the product's own rules, with a shell that counts in place of storage, queue and
 * ledger. One call after the other; an alarm that sends what is in the outbox; a ledger that confirms each message.
 */
export class SimulatedGate {
  readonly #options: SimulatedGateOptions;
  readonly #book: AdmissionBook;
  readonly #shard: Shard | null;
  readonly #shards = new ShardCount();
  readonly #store: CountingStore;
  #alarmAt: number | null = null;
  #freeAt = 0;
  /** Calls and alarms, milliseconds of work, and requests that began. */
  calls = 0;
  busyMs = 0;
  requests = 0;

  constructor(options: SimulatedGateOptions) {
    this.#options = options;
    const { root, generateId } = options;
    const allotments = root && new Allotments(newAllotments(generateId()), generateId);
    this.#store = new CountingStore(options.tally, () => Date.now());
    this.#book = new AdmissionBook(this.#store, { counters: [], leases: [] }, generateId, allotments);
    this.#shard = root && allotments && { allotments, root: this.#rootLease(root, allotments) };
  }

  async hold(request: HoldRequest): Promise<HoldReply> {
    this.#options.tally.holds += 1;
    const asked = amountsOf(this.#options.snapshot, request.hold);
    for (let attempt = 1; ; attempt++) {
      const reply = await this.#call(0, asked, (snapshot, now) => {
        const decided = this.#book.hold(snapshot, request, now);
        if (decided.decision.kind === 'granted') this.#armFor(now + LEASE_TTL_MS);
        return { ...decided, shards: this.#spread };
      });
      const { decision } = reply;
      if (!this.#shard || decision.kind !== 'refused') return reply;
      const refusal = await this.#shard.root.retell(decision.refusal, Date.now());
      if (refusal !== null || attempt === HOLD_ATTEMPTS) return reply;
    }
  }

  async sync(command: SyncCommand): Promise<SyncReply> {
    this.#options.tally.syncs += 1;
    return await this.#call(command.events.length, command.topUps, (snapshot, now) => {
      const { begun, ...reply } = this.#book.sync(snapshot, command, now);
      this.#shard?.allotments.countRequests(begun);
      this.#shards.count(begun, now);
      if (!command.isShard) this.requests += begun;
      this.#armFor(now + (command.events.length > 0 ? OUTBOX_DELAY_MS : LEASE_TTL_MS));
      return { ...reply, shards: this.#spread };
    });
  }

  limits(): readonly LimitStatus[] {
    return this.#book.status(this.#options.snapshot, Date.now());
  }

  get #spread(): number {
    return this.#shard?.root.shards ?? this.#shards.current;
  }

  /** There, when those before are done and what a shard lacks is fetched, and back. */
  async #call<T>(
    events: number,
    asked: readonly Pick<Amount, 'limitId' | 'amount'>[],
    work: (snapshot: TenantSnapshot, now: number) => T,
  ): Promise<T> {
    const { time, snapshot, hopMs, serviceMs } = this.#options;
    await time.wait(hopMs);
    const takes = serviceMs(events);
    this.#freeAt = Math.max(time.now(), this.#freeAt) + takes;
    this.#count(takes);
    await time.wait(this.#freeAt - time.now());
    if (this.#shard) {
      const isThere = this.#book.prepare(snapshot, asked, Date.now());
      if (!isThere || !this.#shard.root.isFresh(Date.now())) await this.#shard.root.call();
    }
    const answer = work(snapshot, Date.now());
    await time.wait(hopMs);
    return answer;
  }

  #rootLease(root: SimulatedGate, allotments: Allotments): RootLease {
    const { tally, snapshot } = this.#options;
    return new RootLease({
      root: () => ({ sync: (command) => root.sync(command), limits: async () => root.limits() }),
      allotments,
      circuits: new KnownCircuits(),
      uses: () => this.#book.uses(),
      configVersion: () => snapshot.configVersion,
      keep: () => {
        tally.rowsWritten += ROWS.allotments;
        this.#armFor(Date.now() + ROOT_RENEWAL_MS);
      },
    });
  }

  #count(takes: number): void {
    this.calls += 1;
    this.busyMs += takes;
  }

  #alarm(): void {
    const { snapshot, tally, serviceMs } = this.#options;
    this.#alarmAt = null;
    tally.alarms += 1;
    this.#count(serviceMs(0));
    const now = Date.now();
    this.#book.expire(snapshot, now);
    this.#send(this.#store.takeDue(now));
    const isLeasing = this.#shard !== null && !this.#shard.allotments.isIdle;
    if (isLeasing) void this.#shard?.root.call(true);
    const renewal = isLeasing ? now + ROOT_RENEWAL_MS : null;
    const due = [this.#book.nextDeadline(), this.#store.nextDue, renewal].filter((at) => at != null);
    if (due.length > 0) this.#armFor(Math.min(...due));
  }

  #send(rows: readonly OutboxRow[]): void {
    const { time, tally, serviceMs, hopMs } = this.#options;
    let bytes = 0;
    const messages: OutboxRow[][] = [];
    for (const row of rows) {
      const open = messages.at(-1);
      if (open && bytes + row.bytes <= OUTBOX_MESSAGE_BYTES) open.push(row);
      else messages.push([row]);
      bytes = open === messages.at(-1) ? bytes + row.bytes : row.bytes;
    }
    for (const message of messages) {
      const size = message.reduce((sum, row) => sum + row.bytes, 0);
      tally.messages += 1;
      tally.messageBytes += size;
      tally.messageChunks += Math.ceil(size / LIMITS.queueOperationBytes.value);
      tally.events += message.reduce((sum, { events }) => sum + events, 0);
      time.in(LEDGER_MS + hopMs, () => {
        tally.confirms += 1;
        tally.rowsWritten += message.length * ROWS.confirmed;
        tally.rowsRead += message.length * ROWS_READ;
        this.#count(serviceMs(0));
      });
    }
  }

  #armFor(due: number): void {
    if (this.#alarmAt !== null && this.#alarmAt <= due) return;
    const { time, tally } = this.#options;
    this.#alarmAt = due;
    tally.rowsWritten += ROWS.alarm;
    time.in(due - time.now(), () => {
      if (this.#alarmAt === due) this.#alarm();
    });
  }
}

/** From a message's sending until the ledger has written it: the queue waits up to a second for more of them. */
const LEDGER_MS = 1_000;

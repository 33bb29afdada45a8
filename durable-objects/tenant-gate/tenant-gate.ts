import { DurableObject } from 'cloudflare:workers';
import { TENANT_GATE_MIGRATIONS } from '../../migrations/durable-objects/tenant-gate.ts';
import type { LimitStatus } from '../../shared/contracts/limits.ts';
import type { AccessDenied, LedgerBatch } from '../../shared/contracts/queues.ts';
import type {
  Amount,
  GateFreshness,
  GateStanding,
  HoldReply,
  HoldRequest,
  RecordedFrom,
  SnapshotReply,
  SyncCommand,
  SyncReply,
  TenantGateRpc,
  TenantKeyReply,
  TenantKeysRpc,
  WrappedTenantKey,
} from '../../shared/contracts/rpc.ts';
import type { TenantSnapshot } from '../../shared/contracts/tenant-snapshot.ts';
import { AdmissionBook, LEASE_TTL_MS } from '../../shared/domain/admission/admission-book.ts';
import { Allotments, newAllotments } from '../../shared/domain/admission/allotments.ts';
import { amountsOf } from '../../shared/domain/admission/amounts-asked.ts';
import { ALL_MONEY } from '../../shared/domain/admission/limit.ts';
import { knowsResidency } from '../../shared/domain/routing/residency.ts';
import { createLogger, type Logger } from '../../shared/platform/logger.ts';
import type { StateEnv } from '../env.ts';
import { migrate, schemaVersion } from '../runtime/migrate.ts';
import { eventHub, placeOf, tenantGate } from '../stubs.ts';
import { HOLD_ATTEMPTS, OUTBOX_DELAY_MS, ROOT_RENEWAL_MS } from './constants.ts';
import { EventDelivery } from './event-delivery.ts';
import { EventOutbox } from './event-outbox.ts';
import { GateHealth } from './gate-health.ts';
import { GateStore } from './gate-store.ts';
import { Outbox } from './outbox.ts';
import { RootLease } from './root-lease.ts';
import { ShardCount } from './shard-count.ts';
import { TenantKeyStore } from './tenant-key-store.ts';

const NO_NEWS = { configVersion: -1, rates: [], shards: 1 };
const generateId = () => crypto.randomUUID();

/** A version never goes backwards. The same one is taken where it tells what one of an earlier release does not. */
function isOvertaken(current: TenantSnapshot, by: TenantSnapshot): boolean {
  if (current.configVersion !== by.configVersion) return current.configVersion < by.configVersion;
  return !knowsResidency(current) && knowsResidency(by);
}

/** What an object has in memory of its tables. */
interface Loaded {
  readonly book: AdmissionBook;
  /** Null: it is the tenant's TenantGate itself. */
  readonly root: RootLease | null;
  readonly allotments: Allotments | null;
}

/**
 * A tenant's one authority over what it may use: its configuration, limits, leases, holds and outbox. A shell of storage
 * and alarm; the rules are in `shared/domain/admission`. Every command is one synchronous transaction, so no two of them
 * interleave, and none answers before its rows are durable.
 *
 * A hot tenant has shards beside it: objects of this class that lease from it as isolates do, and in their turn lease to
 * isolates, hold, settle and record, so that the tenant is not bound by what one object can do. They take no part in what
 * is configured.
 *
 * It also keeps the tenant's wrapped key for the vault, which alone can use it.
 *
 * An object that was never told anything has no tables: asking after a made-up tenant stores nothing.
 */
export class TenantGate extends DurableObject<StateEnv> implements TenantGateRpc, TenantKeysRpc {
  readonly #store: GateStore;
  readonly #outbox: Outbox;
  readonly #events: EventDelivery;
  readonly #key: TenantKeyStore;
  readonly #logger: Logger;
  readonly #shards = new ShardCount();
  readonly #health: GateHealth;
  readonly #place: ReturnType<typeof placeOf>;
  /** Null: to be read anew. */
  #loaded: Loaded | null = null;
  #alarmAt: number | null = null;
  #isKnown: boolean;

  constructor(context: DurableObjectState, env: StateEnv) {
    super(context, env);
    this.#place = placeOf(context.id);
    this.#health = new GateHealth(this.#place.shard, Date.now());
    this.#outbox = new Outbox(context.storage.sql);
    this.#key = new TenantKeyStore(context.storage.sql);
    const events = new EventOutbox(context.storage.sql);
    this.#store = new GateStore(context.storage.sql, this.#outbox, events);
    this.#logger = createLogger({ service: 'state', level: env.LOG_LEVEL });
    this.#events = new EventDelivery({
      ...{ outbox: events, sender: this.#place.shard, now: () => Date.now(), wait: (ms) => scheduler.wait(ms) },
      take: (batch) => eventHub(env, this.#place.tenantId).take(batch),
      onFailure: (error) => this.#logger.error('events.not_handed_on', { ...this.#place, error }),
    });
    this.#isKnown = schemaVersion(context.storage.sql) > 0;
    void context.blockConcurrencyWhile(async () => {
      if (!this.#isKnown) return;
      migrate(context.storage, TENANT_GATE_MIGRATIONS);
      this.#alarmAt = await context.storage.getAlarm();
      this.#arm();
    });
  }

  async snapshot(knownConfigVersion: number): Promise<SnapshotReply> {
    const snapshot = this.#snapshot();
    if (!snapshot) return { state: 'unknown' };
    return snapshot.configVersion > knownConfigVersion ? { state: 'newer', snapshot } : { state: 'unchanged' };
  }

  async publish(snapshot: TenantSnapshot): Promise<number> {
    this.#makeKnown();
    const current = this.#store.readSnapshot();
    if (current && !isOvertaken(current, snapshot)) return current.configVersion;
    const now = Date.now();
    this.#change(({ book }) => {
      this.#store.writeSnapshot(snapshot);
      book.configure(snapshot, now);
    });
    this.#armFor(now + OUTBOX_DELAY_MS);
    this.#handOnEvents();
    return snapshot.configVersion;
  }

  async hold(request: HoldRequest): Promise<HoldReply> {
    for (let attempt = 1; ; attempt++) {
      const { root } = await this.#prepare((snapshot) => amountsOf(snapshot, request.hold));
      const snapshot = this.#snapshot();
      if (!snapshot) return { decision: { kind: 'unknown_tenant' }, ...NO_NEWS };
      const now = Date.now();
      const { decision, ...news } = this.#change(({ book }) => book.hold(snapshot, request, now));
      if (decision.kind === 'granted') this.#armFor(now + LEASE_TTL_MS);
      const reply = {
        ...{ ...news, shards: root?.shards ?? this.#shards.current },
        ...this.#health.newsFor(request, now),
      };
      this.#handOnEvents();
      if (!root || decision.kind !== 'refused') return { decision, ...reply };
      const refusal = await root.retell(decision.refusal, now);
      // The root has room: a window turned while it was asked, or others were faster with what it gave.
      if (refusal === null && attempt < HOLD_ATTEMPTS) continue;
      return { decision: { kind: 'refused', refusal: refusal ?? decision.refusal }, ...reply };
    }
  }

  async sync(command: SyncCommand): Promise<SyncReply> {
    const { root } = await this.#prepare(() => command.topUps);
    const snapshot = this.#snapshot();
    if (!snapshot) return { state: 'unknown_tenant', grants: [], indexLimit: 0, ...NO_NEWS };
    const now = Date.now();
    const { begun, ...reply } = this.#change(({ book, allotments }) => {
      const answer = book.sync(snapshot, command, now);
      allotments?.countRequests(answer.begun);
      return answer;
    });
    this.#countShards(begun, now);
    this.#arm();
    this.#handOnEvents();
    return { ...reply, shards: root?.shards ?? this.#shards.current, ...this.#health.newsFor(command, now) };
  }

  async limits(): Promise<readonly LimitStatus[]> {
    const snapshot = this.#snapshot();
    return snapshot ? this.#change(({ book }) => book.status(snapshot, Date.now())) : [];
  }

  async freshness(): Promise<GateFreshness> {
    if (!this.#isKnown) return { unrecordedSince: null, shards: 1 };
    return { unrecordedSince: this.#outbox.oldest(), shards: this.#store.readMostShards() };
  }

  async standing(): Promise<GateStanding> {
    const { unrecordedSince: since, shards } = await this.freshness();
    if (!this.#isKnown) {
      return { spentPicoUsd: 0n, outPicoUsd: 0n, unrecorded: { since, count: 0, picoUsd: 0n }, shards };
    }
    const { spent, out } = this.#load().book.totals(ALL_MONEY.id);
    return { spentPicoUsd: spent, outPicoUsd: out, unrecorded: { since, ...this.#outbox.unconfirmed() }, shards };
  }

  async deny(denials: readonly AccessDenied[]): Promise<boolean> {
    if (!this.#isKnown) return false;
    this.#outbox.append(
      denials.map((denial) => JSON.stringify(denial)),
      Date.now(),
    );
    this.#arm();
    return true;
  }

  async record(events: readonly string[], from?: RecordedFrom): Promise<void> {
    if (!this.#isKnown) throw new Error('nothing was published of this tenant');
    this.ctx.storage.transactionSync(() => {
      const through = from ? this.#store.recordedThrough(from.sender) : 0;
      const fresh = from ? events.filter((_, at) => (from.sequences[at] ?? 0) > through) : events;
      if (fresh.length === 0) return;
      this.#outbox.append(fresh, Date.now());
      this.#store.tell(fresh);
      if (from) this.#store.writeRecorded(from.sender, Math.max(through, ...from.sequences));
    });
    this.#arm();
    this.#handOnEvents();
  }

  async forgetEvents(): Promise<void> {
    if (this.#isKnown) this.ctx.storage.transactionSync(() => this.#store.forgetEvents());
  }

  async confirm(sequences: readonly number[]): Promise<void> {
    if (this.#isKnown) this.#outbox.confirm(sequences);
  }

  async tenantKey(): Promise<TenantKeyReply> {
    return this.#isKnown ? this.#key.read() : { state: 'none' };
  }

  async adoptTenantKey(key: WrappedTenantKey): Promise<TenantKeyReply> {
    this.#makeKnown();
    return this.#key.adopt(key);
  }

  async rewrapTenantKey(from: WrappedTenantKey, to: WrappedTenantKey): Promise<boolean> {
    return this.#isKnown && this.#key.rewrap(from, to);
  }

  async eraseTenantKey(): Promise<void> {
    this.#makeKnown();
    this.#key.erase();
  }

  async recordOpening(event: string): Promise<void> {
    this.#makeKnown();
    this.#outbox.append([event], Date.now());
    this.#arm();
  }

  override async alarm(): Promise<void> {
    this.#alarmAt = null;
    if (!this.#isKnown) return;
    const snapshot = this.#snapshot();
    const now = Date.now();
    try {
      const sendings = this.#change(({ book }) => {
        if (snapshot) book.expire(snapshot, now);
        return this.#outbox.takeDue(this.#place, now);
      });
      this.#arm();
      this.#handOnEvents();
      await this.#send(sendings);
      const { root, allotments } = this.#load();
      if (root && !allotments?.isIdle) await root.call(true);
    } catch (error) {
      this.#logger.error('gate.alarm_failed', { ...this.#place, error });
      this.#armFor(now + LEASE_TTL_MS);
    }
  }

  #snapshot(): TenantSnapshot | null {
    return this.#isKnown ? this.#store.readSnapshot() : null;
  }

  #makeKnown(): void {
    if (this.#isKnown) return;
    migrate(this.ctx.storage, TENANT_GATE_MIGRATIONS);
    this.#isKnown = true;
  }

  /** Has a shard fetch what it is asked for, as far as it has not got it; its configuration too. */
  async #prepare(
    asked: (snapshot: TenantSnapshot) => readonly Pick<Amount, 'limitId' | 'amount'>[],
  ): Promise<Pick<Loaded, 'root'>> {
    if (this.#place.shard === 0) return { root: null };
    this.#makeKnown();
    const { root, book } = this.#load();
    if (!this.#snapshot()) await root?.call();
    const [snapshot, now] = [this.#snapshot(), Date.now()];
    if (!snapshot || !root) return { root };
    const isThere = book.prepare(snapshot, asked(snapshot), now);
    if (!isThere || !root.isFresh(now)) await root.call();
    return { root };
  }

  #load(): Loaded {
    if (this.#loaded) return this.#loaded;
    const { tenantId, shard } = this.#place;
    const allotments =
      shard === 0 ? null : new Allotments(this.#store.readAllotments() ?? newAllotments(generateId()), generateId);
    const book = new AdmissionBook(this.#store, this.#store.readBook(), generateId, allotments);
    const root =
      allotments &&
      new RootLease({
        root: () => tenantGate(this.env, tenantId),
        allotments,
        circuits: this.#health.ofShard,
        uses: () => book.uses(),
        configVersion: () => this.#snapshot()?.configVersion ?? -1,
        keep: (snapshot) => this.#keep(allotments, snapshot),
      });
    this.#loaded = { book, root, allotments };
    return this.#loaded;
  }

  #keep(allotments: Allotments, snapshot: TenantSnapshot | undefined): void {
    this.ctx.storage.transactionSync(() => {
      this.#store.writeAllotments(allotments.state);
      if (snapshot) this.#store.writeSnapshot(snapshot);
    });
    this.#armFor(Date.now() + ROOT_RENEWAL_MS);
  }

  #countShards(begun: number, now: number): void {
    const before = this.#shards.current;
    this.#shards.count(begun, now);
    if (this.#shards.current > before) this.#store.writeMostShards(this.#shards.current);
  }

  /** Runs a command in one transaction. What it did in memory is forgotten when that fails. */
  #change<T>(command: (loaded: Loaded) => T): T {
    const loaded = this.#load();
    try {
      return this.ctx.storage.transactionSync(() => command(loaded));
    } catch (error) {
      this.#loaded = null;
      throw error;
    }
  }

  /** A failed send is only logged: its rows are due again soon, as when a message is lost on its way. */
  async #send(sendings: readonly LedgerBatch[][]): Promise<void> {
    for (const messages of sendings) {
      try {
        await this.env.LEDGER.sendBatch(messages.map((body) => ({ body })));
      } catch (error) {
        this.#logger.error('outbox.send_failed', { ...this.#place, messages: messages.length, error });
      }
    }
  }

  /** What failed, or was left when the object ended, is handed on by the alarm. */
  #handOnEvents(): void {
    this.ctx.waitUntil(this.#events.run());
  }

  /** Sets the object's single alarm to what is due first of all that is stored. */
  #arm(): void {
    const { book, allotments } = this.#load();
    const renewal = allotments && !allotments.isIdle ? Date.now() + ROOT_RENEWAL_MS : null;
    const times = [book.nextDeadline(), this.#outbox.nextDue(), renewal, this.#events.due];
    const due = times.filter((time) => time !== null);
    if (due.length > 0) this.#armFor(Math.min(...due));
  }

  /** Sets the alarm for something new that is due; one that is set as early is left alone. */
  #armFor(due: number): void {
    if (this.#alarmAt !== null && this.#alarmAt <= due) return;
    this.#alarmAt = due;
    void this.ctx.storage.setAlarm(due);
  }
}

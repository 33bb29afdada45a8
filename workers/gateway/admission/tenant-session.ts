import type {
  GateNews,
  HoldCommand,
  HoldReply,
  HoldRequest,
  RateStatus,
  SyncCommand,
  SyncReply,
} from '../../../shared/contracts/rpc.ts';
import type { TenantSnapshot } from '../../../shared/contracts/tenant-snapshot.ts';
import { mostUsedBy } from '../../../shared/domain/admission/amounts-asked.ts';
import { type Gauge, LeasePool, SIZE_IN_PACES, type Used } from '../../../shared/domain/admission/lease-pool.ts';
import { limitsFor, limitsOf } from '../../../shared/domain/admission/limit.ts';
import { asLateRecord, toLostRecord } from '../../../shared/domain/admission/request-event.ts';
import { requestIdOf } from '../../../shared/domain/admission/request-ids.ts';
import { type Called, settleHold, subjectKey } from '../../../shared/domain/admission/spent-draws.ts';
import { err, ok, type Result } from '../../../shared/errors/result.ts';
import { retry } from '../../../shared/platform/retry.ts';
import {
  BUSY_REQUESTS,
  BUSY_SETTLE_GATHER_MS,
  CACHED_SUBJECTS,
  CALL_LOST_MS,
  HOLD_ATTEMPTS,
  HOLD_RETRY_BASE_MS,
  HOLD_RETRY_CAP_MS,
  LEASE_FRESH_MS,
  LEASE_RENEWAL_MS,
  MOST_GATHERED,
  QUEUE_RETRY_MS,
  QUIET_MS,
  SETTLE_GATHER_MS,
  SYNC_ATTEMPTS,
  SYNC_RETRY_BASE_MS,
  SYNC_RETRY_CAP_MS,
} from '../constants.ts';
import { type AdmissionRefusal, type Admitted, type Demand, isLost } from './demand.ts';
import { type RateFields, rateFieldsOf } from './rate-fields.ts';
import { RequestPace } from './request-pace.ts';
import type { SessionOptions, WaitUntil } from './session-options.ts';
import { asStarted } from './started-hold.ts';
import { WaitingLine } from './waiting-line.ts';

const NO_GAUGES: readonly Gauge[] = [];

/**
 * One isolate's work with one tenant's TenantGate. While its lease has room a request is admitted by arithmetic; else it
 * asks, and so does every request of a quiet tenant. What ends is told in batches, one call after the other, each with its
 * number; one that failed is made again as it was, so nothing is told twice. When the isolate dies, what it has not told
 * of is counted at its estimate by TenantGate.
 *
 * Works for many requests at once, but none waits for what another one called: what follows such a wait would run in the
 * other's name, and end with it. Whoever makes a call is kept alive for it.
 */
export class TenantSession {
  readonly #options: SessionOptions;
  readonly #pool = new LeasePool();
  readonly #pace = new RequestPace();
  readonly #subjects = new Map<string, readonly Gauge[]>();
  #snapshot: TenantSnapshot | null = null;

  readonly #open = new Set<Admitted>();
  /** Those that TenantGate does not know. */
  readonly #untold = new Set<Admitted>();
  #asking = 0;
  readonly #line = new WaitingLine();
  #events: string[] = [];
  #settledIds: string[] = [];
  #canceledIds: string[] = [];
  #lastHold: HoldCommand | null = null;

  #nextIndex = 0;
  /** Every request below the first index was told of, and those below the second may begin. */
  #indexThrough = 0;
  #indexLimit = 0;
  #freshUntil = 0;
  #isExpired = false;
  #rates: readonly RateStatus[] = [];
  readonly #rateFields = new Map<readonly Gauge[], RateFields | null>();

  #sequence = 0;
  #unanswered: SyncCommand | null = null;
  #isCallWanted = false;
  #callingSince = Number.NEGATIVE_INFINITY;
  #gatheringSince = Number.NEGATIVE_INFINITY;
  /** The last that was answered; `isForMore`: the lease was to have something for requests to come. */
  #lastCall = { at: 0, sequence: 0, isForMore: false };

  constructor(options: SessionOptions) {
    this.#options = options;
  }

  /** Nothing may begin here any more. */
  get isOver(): boolean {
    return this.#isExpired;
  }

  /** Nothing runs, asks, or is to be told. */
  get isIdle(): boolean {
    return this.#open.size === 0 && this.#asking === 0 && this.#events.length === 0 && !this.#unanswered;
  }

  /** Names a request that will ask to begin. */
  nextRequest(): { readonly requestId: string; readonly index: number } {
    const index = this.#nextIndex++;
    return { requestId: requestIdOf(this.#options.leaseId, index), index };
  }

  /** Admits a request from what the lease has; null when it must ask. */
  admitLocally(demand: Demand): Admitted | null {
    const now = this.#options.now();
    if (now > this.#freshUntil || this.#isExpired || !demand.hold.isPriced) return null;
    if (demand.index < this.#indexThrough || demand.index >= this.#indexLimit) return null;
    if (demand.snapshot !== this.#snapshot || this.#line.goesBefore(demand)) return null;
    const draws = this.#pool.draw(this.#gaugesOf(demand, now), demand.most, now);
    return draws && this.#begin({ hold: demand.hold, pulse: demand.pulse, draws, isDurable: false }, now);
  }

  /**
   * Asks TenantGate. A request that only lacks others' places waits for one as long as the limit lets it. A client that
   * leaves meanwhile does not end it: what was held for the request would stay held.
   */
  ask(demand: Demand, waitUntil: WaitUntil): Promise<Result<Admitted, AdmissionRefusal>> {
    const asked = this.#askInTurn(demand, waitUntil);
    waitUntil(asked);
    return asked;
  }

  async #askInTurn(demand: Demand, waitUntil: WaitUntil): Promise<Result<Admitted, AdmissionRefusal>> {
    let result = await this.#ask(demand, waitUntil);
    if (result.ok || result.error.reason !== 'limit_reached') return result;
    if (result.error.queueMs === 0 || demand.isHasty) return result;
    const waitsUntil = this.#options.now() + result.error.queueMs;
    this.#line.join(demand);
    this.tellSoon(waitUntil); // what the lease has for requests to come goes back
    try {
      while (!result.ok && result.error.reason === 'limit_reached' && result.error.queueMs > 0) {
        const admitted = await this.#waitForRoom(demand, waitsUntil);
        if (admitted === 'late') return result;
        if (admitted !== 'again') return ok(admitted);
        result = await this.#ask(demand, waitUntil);
      }
      return result;
    } finally {
      this.#line.leave(demand);
    }
  }

  /** What an answer tells of the rates that its request falls under. */
  rateFieldsFor(demand: Demand): RateFields | null {
    const now = this.#options.now();
    const gauges = this.#gaugesOf(demand, now);
    const known = this.#rateFields.get(gauges);
    if (known !== undefined) return known;
    const limits = gauges.map(({ limit }) => limit);
    const fields = rateFieldsOf(limits, this.#rates, now);
    this.#rateFields.set(gauges, fields);
    return fields;
  }

  /** Ends a request; `event` is the text of its record, `called` what it was sent to in the end. */
  settle(admitted: Admitted, used: Used, event: string, waitUntil: WaitUntil, called: Called = admitted.hold): void {
    this.#end(admitted, used, event, called);
    this.tellSoon(waitUntil);
  }

  #end(admitted: Admitted, used: Used, event: string, called: Called): void {
    settleHold(this.#pool, admitted, this.#snapshot, { called, used, isOver: this.#isExpired });
    const isLate = !this.#open.delete(admitted);
    this.#events.push(isLate ? asLateRecord(event) : event);
    if (admitted.isDurable) this.#settledIds.push(admitted.hold.requestId);
    else this.#untold.delete(admitted);
  }

  /**
   * Ends the requests that are lost. As with an isolate that died, each counts at its hold until it tells otherwise.
   */
  #endLost(now: number): void {
    this.#line.dropLost(now);
    for (const admitted of this.#open) {
      const { hold, pulse } = admitted;
      if (!isLost(pulse, now)) continue;
      this.#end(admitted, { ...mostUsedBy(hold), isCounted: true }, JSON.stringify(toLostRecord(hold, now)), hold);
    }
  }

  /** Tells TenantGate within moments what there is to tell: the first request that has something does it for all. */
  tellSoon(waitUntil: WaitUntil): void {
    const now = this.#options.now();
    if (this.#events.length >= MOST_GATHERED) waitUntil(this.#tell());
    else if (now - this.#gatheringSince > CALL_LOST_MS) {
      this.#gatheringSince = now;
      waitUntil(this.#tellLater());
    }
  }

  /** To be called now and then while requests run: keeps their lease alive. */
  async renew(): Promise<void> {
    if (this.#options.now() - this.#lastCall.at >= LEASE_RENEWAL_MS) await this.#tell();
  }

  /** Empty for what was planned by a configuration before the present one, which is never gone back to. */
  #gaugesOf({ snapshot, hold }: Demand, now: number): readonly Gauge[] {
    if (this.#snapshot && snapshot.configVersion < this.#snapshot.configVersion) return NO_GAUGES;
    if (snapshot !== this.#snapshot || this.#subjects.size > CACHED_SUBJECTS) {
      this.#subjects.clear();
      this.#snapshot = snapshot;
    }
    const key = subjectKey(hold);
    const known = this.#subjects.get(key);
    if (known) return known;
    const gauges = this.#pool.gaugesOf(limitsFor(limitsOf(snapshot), hold), now);
    this.#subjects.set(key, gauges);
    return gauges;
  }

  #begin(admitted: Admitted, now: number): Admitted {
    this.#open.add(admitted);
    admitted.pulse.seenAt = now;
    if (!admitted.isDurable) this.#untold.add(admitted);
    this.#lastHold = admitted.hold;
    this.#pace.count(now);
    return admitted;
  }

  /** If requests to come should find something here. While others wait in line, it is they who ask for what there is. */
  #isBusy(now: number): boolean {
    return !this.#options.asksForEach && !this.#isExpired && this.#line.isEmpty && this.#pace.at(now) >= BUSY_REQUESTS;
  }

  async #ask(demand: Demand, waitUntil: WaitUntil): Promise<Result<Admitted, AdmissionRefusal>> {
    const { gate, leaseId, now } = this.#options;
    const asked = this.#options.health?.().ask();
    const request: HoldRequest = {
      ...{ leaseId, hold: demand.hold, knownConfigVersion: demand.snapshot.configVersion },
      ...(asked && { health: asked }),
    };
    this.#asking++;
    let calls = 0;
    const call = () => {
      calls++;
      return gate.hold(request);
    };
    try {
      const reply = await retry(call, {
        ...{ attempts: HOLD_ATTEMPTS, baseMs: HOLD_RETRY_BASE_MS, capMs: HOLD_RETRY_CAP_MS },
      });
      this.#hear(reply, reply.decision.kind !== 'unknown_tenant');
      const result = this.#decided(demand, reply);
      if (!result.ok && result.error.reason === 'stale') {
        // An answer that was lost may have granted it; and without news, it is the lease whose time is over.
        if (calls > 1) this.#canceledIds.push(demand.hold.requestId);
        this.#isExpired ||= reply.snapshot === undefined;
        if (calls > 1 || this.#isExpired) this.tellSoon(waitUntil);
      }
      // A busy tenant's next requests should not have to ask.
      if (result.ok && this.#isBusy(now())) waitUntil(this.#tell());
      return result;
    } catch {
      this.#canceledIds.push(demand.hold.requestId);
      this.tellSoon(waitUntil);
      return err({ reason: 'unavailable' });
    } finally {
      this.#asking--;
    }
  }

  #decided(demand: Demand, { decision }: HoldReply): Result<Admitted, AdmissionRefusal> {
    switch (decision.kind) {
      case 'granted': {
        const now = this.#options.now();
        const draws = this.#pool.adopt(this.#gaugesOf(demand, now), decision.draws, now);
        return ok(this.#begin({ hold: demand.hold, pulse: demand.pulse, draws, isDurable: true }, now));
      }
      case 'refused':
        return err(decision.refusal);
      case 'stale':
        return err({ reason: 'stale' });
      case 'unknown_tenant':
        return err({ reason: 'unavailable' });
    }
  }

  /** Waits for room, or for its turn to ask for it: `again`. `late`, the wait is over. */
  async #waitForRoom(demand: Demand, until: number): Promise<Admitted | 'again' | 'late'> {
    for (let now = this.#options.now(); now < until; now = this.#options.now()) {
      demand.pulse.seenAt = now;
      this.#line.dropLost(now);
      await new Promise((resolve) => setTimeout(resolve, QUEUE_RETRY_MS));
      const admitted = this.admitLocally(demand);
      if (admitted) return admitted;
      if (this.#line.isFirst(demand)) return 'again';
    }
    return 'late';
  }

  async #tellLater(): Promise<void> {
    const gatherMs = this.#isBusy(this.#options.now()) ? BUSY_SETTLE_GATHER_MS : SETTLE_GATHER_MS;
    await new Promise((resolve) => setTimeout(resolve, gatherMs));
    this.#gatheringSince = Number.NEGATIVE_INFINITY;
    await this.#tell();
  }

  /**
   * Makes a call, behind the one under way if there is one: then it is that one's request that makes it. A call is taken
   * for lost with its request when it is under way for long.
   */
  async #tell(): Promise<void> {
    this.#isCallWanted = true;
    if (this.#options.now() - this.#callingSince < CALL_LOST_MS) return;
    try {
      while (this.#isCallWanted) {
        this.#isCallWanted = false;
        await retry(() => this.#call(), {
          ...{ attempts: SYNC_ATTEMPTS, baseMs: SYNC_RETRY_BASE_MS, capMs: SYNC_RETRY_CAP_MS },
        });
      }
    } catch (error) {
      this.#options.onFailure(error);
    } finally {
      this.#callingSince = Number.NEGATIVE_INFINITY;
    }
    await this.#leaveWhenQuiet();
  }

  /** Gives back what is for requests to come when none come: whoever made the last call sees to it. */
  async #leaveWhenQuiet(): Promise<void> {
    const { sequence } = this.#lastCall;
    if (!this.#lastCall.isForMore) return;
    await new Promise((resolve) => setTimeout(resolve, QUIET_MS));
    if (this.#lastCall.sequence === sequence) await this.#tell();
  }

  async #call(): Promise<void> {
    const sentAt = this.#options.now();
    this.#callingSince = sentAt;
    const command = this.#unanswered ?? this.#compose(sentAt);
    this.#isCallWanted ||= command === this.#unanswered; // there is more to tell than what failed before
    this.#unanswered = command;
    const reply = await this.#options.gate.sync(command);
    if (this.#unanswered !== command) return; // it was taken for lost, and another one was answered in its place
    this.#unanswered = null;
    const isForMore = reply.state === 'open' && command.permits > 0;
    this.#lastCall = { at: sentAt, sequence: command.sequence, isForMore };
    this.#hear(reply, reply.state !== 'unknown_tenant');
    this.#accept(reply, sentAt);
  }

  #compose(now: number): SyncCommand {
    this.#endLost(now);
    const isBusy = this.#isBusy(now);
    const { statements, topUps } = this.#pool.takeStatements(now, isBusy);
    const permits = isBusy ? SIZE_IN_PACES * Math.max(this.#pace.at(now), BUSY_REQUESTS) : 0;
    this.#indexThrough = this.#nextIndex;
    this.#indexLimit = Math.min(this.#indexLimit, this.#indexThrough + permits);
    const told = this.#options.health?.().tell();
    const command: SyncCommand = {
      leaseId: this.#options.leaseId,
      sequence: ++this.#sequence,
      knownConfigVersion: this.#snapshot?.configVersion ?? -1,
      events: this.#events,
      settledIds: this.#settledIds,
      canceledIds: this.#canceledIds,
      statements,
      started: [...this.#untold].map(asStarted),
      topUps,
      indexThrough: this.#indexThrough,
      permits,
      pattern: isBusy ? this.#lastHold : null,
      isIdle: this.#open.size === 0 && this.#asking === 0,
      ...(this.#isExpired && { isOver: true }),
      ...(told && { health: told }),
    };
    for (const admitted of this.#untold) admitted.isDurable = true;
    this.#untold.clear();
    this.#events = [];
    this.#settledIds = [];
    this.#canceledIds = [];
    return command;
  }

  #accept({ state, snapshot, indexLimit, grants }: SyncReply, sentAt: number): void {
    if (state === 'expired' && !this.#isExpired) this.#isCallWanted = true; // to say that nothing more will begin
    this.#isExpired ||= state === 'expired';
    this.#freshUntil = snapshot || state !== 'open' ? 0 : sentAt + LEASE_FRESH_MS;
    this.#indexLimit = indexLimit;
    this.#pool.accept(grants, this.#options.now());
  }

  #hear(news: GateNews, isKnown: boolean): void {
    this.#rates = news.rates;
    this.#rateFields.clear();
    this.#options.onNews(news, isKnown);
    if (isKnown) this.#options.health?.().hear(news.health, this.#options.now());
    if (!news.snapshot) return;
    this.#snapshot = news.snapshot;
    this.#subjects.clear();
    this.#pool.release();
  }
}

import type { LimitUnit } from '../../contracts/limits.ts';
import type { Slice, Statement, TopUp } from '../../contracts/rpc.ts';
import { type Limit, type MostUsed, mostOf, unitOf } from './limit.ts';
import { slotOf } from './window.ts';

/** What an isolate has of one limit's counter. */
interface Share {
  readonly limitId: string;
  readonly unit: LimitUnit;
  readonly start: number;
  end: number;
  /** There for requests that come. */
  free: bigint;
  /** Set aside for requests that run. */
  held: bigint;
  /** Not yet told: what ended requests used, and how much less there is. */
  spent: bigint;
  released: bigint;
}

/** One limit as an isolate draws from it: the share of its present slot, and how fast it is used. */
export interface Gauge {
  limit: Limit;
  share: Share;
  /** Drawn in the present `PACE_MS`, and the most that was drawn in one lately; of what runs at once, the most at once. */
  drawn: bigint;
  pace: bigint;
  paceAt: number;
}

/** An amount that a request has of one share. */
export interface Draw {
  readonly share: Share;
  readonly amount: bigint;
  /** How much of it the request used; null while it runs. */
  spent: bigint | null;
}

/** What a request used, at its end. */
export interface Used {
  readonly picoUsd: bigint;
  readonly tokens: bigint;
  /** False: it was given up before anything was called. */
  readonly isCounted: boolean;
  /** False: another call of the same request followed, which counts as the request. */
  readonly isRequest?: boolean;
}

/** Over what time a pace is measured, and for how many such times a busy lease is sized: calls come several times in one. */
export const PACE_MS = 100;
export const SIZE_IN_PACES = 3;

/**
 * An isolate's part of a tenant's limits. Draws are decided here, without a call: a request begins only on what
 * TenantGate has given out for it. Pure arithmetic; time is passed in.
 */
export class LeasePool {
  readonly #gauges = new Map<string, Gauge>();
  /** Shares that have something to tell, or to give back. */
  readonly #touched = new Set<Share>();

  /** The gauges of the limits that a request falls under, for `draw`. */
  gaugesOf(limits: readonly Limit[], now: number): readonly Gauge[] {
    return limits.map((limit) => {
      const known = this.#gauges.get(limit.id);
      if (known) {
        known.limit = limit;
        if (slotOf(limit.window, now).start !== known.share.start) this.#roll(known, now);
        return known;
      }
      const gauge: Gauge = {
        limit,
        share: newShare(limit.id, slotOf(limit.window, now)),
        drawn: 0n,
        pace: 0n,
        paceAt: now,
      };
      this.#gauges.set(limit.id, gauge);
      return gauge;
    });
  }

  /** Takes what a request may use at most from every gauge; null, and nothing taken, when one has too little. */
  draw(gauges: readonly Gauge[], most: MostUsed, now: number): readonly Draw[] | null {
    for (const gauge of gauges) {
      if (now >= gauge.share.end) this.#roll(gauge, now);
      const amount = mostOf(gauge.limit.unit, most);
      if (gauge.share.free < amount) return null;
    }
    return gauges.map((gauge) => {
      const amount = mostOf(gauge.limit.unit, most);
      const { share } = gauge;
      share.free -= amount;
      share.held += amount;
      noteDraw(gauge, amount);
      this.#touched.add(share);
      return { share, amount, spent: null };
    });
  }

  /** The draws of a hold that TenantGate decided itself. */
  adopt(gauges: readonly Gauge[], slices: readonly Slice[], now: number): readonly Draw[] {
    return slices.map((slice) => {
      const gauge = gauges.find(({ limit }) => limit.id === slice.limitId);
      const share = this.#shareOf(gauge, slice, now);
      share.held += slice.amount;
      if (gauge) noteDraw(gauge, slice.amount);
      this.#touched.add(share);
      return { share, amount: slice.amount, spent: null };
    });
  }

  /** Takes over slices for requests to come. */
  accept(slices: readonly Slice[], now: number): void {
    for (const slice of slices) {
      const share = this.#shareOf(this.#gauges.get(slice.limitId), slice, now);
      share.free += slice.amount;
      this.#touched.add(share);
    }
  }

  /**
   * Ends a request's draws: what it used is spent, the rest is free again, or given back with `isOver`. Never more is spent
   * than was drawn. What has ended at an estimate is corrected: the difference is told.
   */
  settle(draws: readonly Draw[], used: Used, isOver = false): void {
    for (const draw of draws) {
      const { share, amount, spent: estimate } = draw;
      const spent = least(amount, usedOf(share.unit, used));
      share.spent += spent - (estimate ?? 0n);
      draw.spent = spent;
      this.#touched.add(share);
      if (estimate !== null) continue;
      share.held -= amount;
      share.released += isOver ? amount : spent;
      if (!isOver) share.free += amount - spent;
    }
  }

  /**
   * What there is to tell, and what a busy lease should have more of. Gives back what cannot be used any more and what is
   * far more than the pace asks for; a lease that is not busy keeps nothing for requests to come.
   */
  takeStatements(now: number, isBusy: boolean): { readonly statements: Statement[]; readonly topUps: TopUp[] } {
    const topUps: TopUp[] = [];
    for (const gauge of this.#gauges.values()) {
      if (now >= gauge.share.end) this.#roll(gauge, now);
      const { share } = gauge;
      takePace(gauge, now);
      const target = isBusy ? targetOf(gauge) : 0n;
      if (share.free * 2n < target) {
        const { limitId, start } = share;
        topUps.push({ limitId, start, amount: target - share.free, least: (gauge.pace + 1n) / 2n });
      } else if (share.free > target * 2n) this.#giveBack(share, share.free - target);
    }
    const statements: Statement[] = [];
    for (const share of this.#touched) {
      if (this.#gauges.get(share.limitId)?.share !== share) this.#giveBack(share, share.free);
      const { limitId, start, spent, released, held } = share;
      statements.push({ limitId, start, spent, released, held });
      share.spent = 0n;
      share.released = 0n;
    }
    this.#touched.clear();
    return { statements, topUps };
  }

  /** Gives back all that is for requests to come: by another configuration it may not be theirs. */
  release(): void {
    for (const { share } of this.#gauges.values()) this.#giveBack(share, share.free);
  }

  #giveBack(share: Share, amount: bigint): void {
    share.free -= amount;
    share.released += amount;
    this.#touched.add(share);
  }

  /** Turns a gauge to its present slot. What is left of the one before cannot be used any more. */
  #roll(gauge: Gauge, now: number): void {
    const slot = slotOf(gauge.limit.window, now);
    this.#touched.add(gauge.share);
    if (gauge.share.start === slot.start) {
      this.#giveBack(gauge.share, gauge.share.free);
      gauge.share.end = slot.end;
    } else gauge.share = newShare(gauge.limit.id, slot);
  }

  #shareOf(gauge: Gauge | undefined, slice: Slice, now: number): Share {
    if (gauge && now >= gauge.share.end) this.#roll(gauge, now);
    return gauge?.share.start === slice.start ? gauge.share : newShare(slice.limitId, slice);
  }
}

function newShare(limitId: string, { start, end }: { readonly start: number; readonly end: number }): Share {
  return { limitId, unit: unitOf(limitId), start, end, free: 0n, held: 0n, spent: 0n, released: 0n };
}

function noteDraw(gauge: Gauge, amount: bigint): void {
  const { limit, share } = gauge;
  if (limit.unit !== 'concurrent') gauge.drawn += amount;
  else if (share.held > gauge.drawn) gauge.drawn = share.held;
}

/** A pace rises at once and falls by half in each of its times. */
function takePace(gauge: Gauge, now: number): void {
  const isOver = now - gauge.paceAt >= PACE_MS;
  if (isOver) gauge.pace /= 2n;
  if (gauge.drawn > gauge.pace) gauge.pace = gauge.drawn;
  if (!isOver) return;
  gauge.drawn = 0n;
  gauge.paceAt = now;
}

/** How much a busy lease should have for requests to come. What runs at once comes back, and so needs little more. */
function targetOf({ limit, share, pace }: Gauge): bigint {
  if (limit.unit !== 'concurrent') return pace * BigInt(SIZE_IN_PACES);
  const idle = pace > share.held ? pace - share.held : 0n;
  return idle + pace / 4n + 1n;
}

function usedOf(unit: LimitUnit, used: Used): bigint {
  if (!used.isCounted) return 0n;
  switch (unit) {
    case 'picoUsd':
      return used.picoUsd;
    case 'tokens':
      return used.tokens;
    case 'requests':
      return used.isRequest === false ? 0n : 1n;
    case 'concurrent':
      return 0n;
  }
}

function least(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}

import type { SnapshotBudget } from '../../contracts/tenant-snapshot.ts';
import { calendarPeriod, type Period } from './calendar-period.ts';

/** Over what time a limit counts. `open` counts what runs at the same moment. */
export type Window =
  | { readonly kind: 'calendar'; readonly period: SnapshotBudget['period']; readonly timeZone: string }
  | { readonly kind: 'fixed-window' | 'sliding-window' | 'token-bucket'; readonly ms: number }
  | { readonly kind: 'open' };

/** A sliding window counts by slots, so many in a window: no window of its length ever has more than the cap. */
const SLOTS = 60;

/** How long what was taken out of a token bucket may be used: its burst is the cap and no more than this later. */
const BUCKET_SLOT_MS = 1_000;

const ALWAYS: Period = { start: 0, end: Number.POSITIVE_INFINITY };

/**
 * The slot that something is counted in at `now`, and until when what was taken from it may be used. A limit's counters
 * are by the start of their slot.
 */
export function slotOf(window: Window, now: number): Period {
  switch (window.kind) {
    case 'calendar':
      return calendarPeriod(window.period, now, window.timeZone);
    case 'fixed-window':
      return periodOf(window.ms, now);
    case 'sliding-window':
      return periodOf(slotMs(window.ms), now);
    case 'token-bucket':
      return { start: 0, end: periodOf(BUCKET_SLOT_MS, now).end };
    case 'open':
      return ALWAYS;
  }
}

/**
 * If what was counted in the slot that began at `start` still takes room at `now`. A calendar period begins at another
 * moment by the clock of another time zone, and is the same one: a tenant that changes its zone gets no second one.
 */
export function isLive(window: Window, start: number, now: number): boolean {
  if (window.kind === 'sliding-window') return start + slotMs(window.ms) + window.ms > now;
  const slot = slotOf(window, now);
  if (window.kind !== 'calendar' || window.period === 'total') return start === slot.start;
  return Math.abs(start - slot.start) < (slot.end - slot.start) / 2;
}

/** When a slot gives its room back; null where that is not a matter of time. */
export function freedAt(window: Window, start: number, now: number): number | null {
  if (window.kind === 'sliding-window') return start + slotMs(window.ms) + window.ms;
  if (window.kind === 'token-bucket' || window.kind === 'open') return null;
  const { end } = slotOf(window, now);
  return end === Number.POSITIVE_INFINITY ? null : end;
}

/** Since when a window counts; null where that is not a matter of time. */
export function periodStart(window: Window, now: number): number | null {
  if (window.kind === 'token-bucket' || window.kind === 'open') return null;
  return window.kind === 'sliding-window' ? now - window.ms : slotOf(window, now).start;
}

/** When a window has forgotten all that it counts now; null where that is not a matter of time. */
export function resetsAt(window: Window, now: number): number | null {
  return freedAt(window, slotOf(window, now).start, now);
}

function slotMs(windowMs: number): number {
  return Math.ceil(windowMs / SLOTS);
}

function periodOf(ms: number, now: number): Period {
  const start = Math.floor(now / ms) * ms;
  return { start, end: start + ms };
}

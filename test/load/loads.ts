import { EVENT_GAP_MS, type Pace, THINKING_MS } from './upstream-answers.ts';

/** What is put on a target. */
export interface LoadSpec {
  readonly name: string;
  readonly what: string;
  readonly connections: number;
  readonly pace: Pace;
  /** Requests before the first measurement, so that the code is compiled and caches are filled; half as many of a quick run. */
  readonly warmUp: number;
  /** Not for quick runs. */
  readonly isLong?: true;
}

/** Whole answers, with the target as busy as it can be. */
export const SYNC = {
  name: 'sync',
  what: '32 connections, whole answers at once',
  ...{ connections: 32, pace: 'at-once', warmUp: 4000 },
} as const satisfies LoadSpec;

/** Whole answers of a provider that takes a while, so that the target is not busy and its own delay shows. */
export const SYNC_20MS = {
  name: 'sync-20ms',
  what: `16 connections, whole answers after ${THINKING_MS} ms`,
  ...{ connections: 16, pace: 'thinking', warmUp: 600 },
} as const satisfies LoadSpec;

/** Enough clients that the target cannot be busier. */
export const SATURATION = {
  name: 'saturation',
  what: '64 connections, whole answers at once',
  ...{ connections: 64, pace: 'at-once', warmUp: 4000 },
} as const satisfies LoadSpec;

/** Requests that come when they come; how many connections that takes follows from the rate. */
export const AT_RATE = {
  name: '60 % of saturation',
  what: `as many requests a second as are 60 % of what saturates the target, whole answers after ${THINKING_MS} ms`,
  ...{ connections: 0, pace: 'thinking', warmUp: 0 },
} as const satisfies LoadSpec;

/** Streams as a busy tenant has them all day: their code is compiled in full after some two thousand of them. */
export const STREAM = {
  name: 'stream',
  what: '16 connections, streams without a pause',
  ...{ connections: 16, pace: 'burst', warmUp: 2000 },
} as const satisfies LoadSpec;

export const STREAM_PACED = {
  name: 'stream-paced',
  what: `16 connections, streams with ${EVENT_GAP_MS} ms between events`,
  ...{ connections: 16, pace: 'paced', warmUp: 160, isLong: true },
} as const satisfies LoadSpec;

export const LOADS: readonly LoadSpec[] = [SYNC, SYNC_20MS, STREAM, STREAM_PACED];

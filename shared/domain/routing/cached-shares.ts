import type { Usage } from '../../contracts/usage.ts';
import { putLatest } from './put-latest.ts';

/** How much of what was seen before still counts with each call that is noted. */
const KEPT = 0.9;

/** How long vendors' prompt caches hold a beginning that nobody asks for again: the least that they promise. */
export const PROMPT_CACHE_MS = 300_000;

/** Sessions that are remembered; those that were not heard of for longest leave first. */
const MOST_SESSIONS = 2_000;

interface Seen {
  readonly input: number;
  readonly cached: number;
}

interface SessionSeen {
  readonly share: number;
  readonly at: number;
}

/** What part of the input the prompt cache of a candidate of this name is likely to hold: at least 0, at most 1. */
export type ShareOf = (name: string) => number;

const NONE: ShareOf = () => 0;

/**
 * What part of a request's input a candidate's prompt cache is likely to hold, as the usage of calls to it shows: for a
 * session what it was the last time, while a cache can still hold it; of no session, the part of all latest calls. Does no
 * I/O.
 */
export class CachedShares {
  readonly #candidates = new Map<string, Seen>();
  readonly #sessions = new Map<string, Map<string, SessionSeen>>();

  /** 0 where nothing is known. */
  sharesFor(session: string | null, now: number): ShareOf {
    if (session === null) return this.#candidates.size === 0 ? NONE : (name) => this.#shareOfAll(name);
    const seen = this.#sessions.get(session);
    return seen ? (name) => shareAt(seen.get(name), now) : NONE;
  }

  /** A call was answered. A vendor that tells no count of cached tokens has cached none. */
  note(name: string, session: string | null, { inputTokens = 0, cachedInputTokens = 0 }: Usage, now: number): void {
    if (inputTokens === 0) return;
    const cachedTokens = Math.min(cachedInputTokens, inputTokens);
    const { input, cached } = this.#candidates.get(name) ?? { input: 0, cached: 0 };
    this.#candidates.set(name, { input: KEPT * input + inputTokens, cached: KEPT * cached + cachedTokens });
    if (session === null) return;
    const seen = this.#sessions.get(session) ?? new Map<string, SessionSeen>();
    seen.set(name, { share: cachedTokens / inputTokens, at: now });
    putLatest(this.#sessions, session, seen, MOST_SESSIONS);
  }

  #shareOfAll(name: string): number {
    const seen = this.#candidates.get(name);
    return seen ? seen.cached / seen.input : 0;
  }
}

function shareAt(seen: SessionSeen | undefined, now: number): number {
  return seen && now - seen.at <= PROMPT_CACHE_MS ? seen.share : 0;
}

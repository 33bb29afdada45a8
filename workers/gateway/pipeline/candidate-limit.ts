import type { CandidateTimeouts } from '../../../shared/domain/routing/candidate.ts';

/** The time that one candidate has, within that of its request. To be ended when its call is over. */
export class CandidateLimit {
  /** Aborted when the time is over, or with the request's own signal. */
  readonly signal: AbortSignal;
  readonly #stop: AbortController | null;
  readonly #total: ReturnType<typeof setTimeout> | undefined;
  readonly #firstByte: ReturnType<typeof setTimeout> | undefined;

  constructor(outer: AbortSignal, { totalMs, firstByteMs }: CandidateTimeouts) {
    this.#stop = totalMs === undefined && firstByteMs === undefined ? null : new AbortController();
    this.signal = this.#stop ? AbortSignal.any([outer, this.#stop.signal]) : outer;
    this.#total = this.#after(totalMs, 'the candidate’s time was over');
    this.#firstByte = this.#after(firstByteMs, 'the candidate said nothing in time');
  }

  /** The first word of the answer has come. */
  heard(): void {
    clearTimeout(this.#firstByte);
  }

  end(): void {
    clearTimeout(this.#firstByte);
    clearTimeout(this.#total);
  }

  #after(ms: number | undefined, why: string): ReturnType<typeof setTimeout> | undefined {
    if (ms === undefined) return undefined;
    return setTimeout(() => this.#stop?.abort(new DOMException(why, 'TimeoutError')), ms);
  }
}

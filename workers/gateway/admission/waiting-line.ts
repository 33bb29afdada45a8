import { isLost, type Pulse } from './demand.ts';

/** Which of two requests that wait for room goes first. */
export type Priority = 'high' | 'normal' | 'low';

const RANKS: Readonly<Record<Priority, number>> = { high: 0, normal: 1, low: 2 };

interface Waiting {
  readonly priority: Priority;
  readonly pulse: Pulse;
}

/** Those who wait for others to end: the most urgent first, and of the same urgency who came first. */
export class WaitingLine {
  readonly #line: Waiting[] = [];

  get isEmpty(): boolean {
    return this.#line.length === 0;
  }

  join(one: Waiting): void {
    const behind = this.#line.findIndex((other) => RANKS[other.priority] > RANKS[one.priority]);
    this.#line.splice(behind < 0 ? this.#line.length : behind, 0, one);
  }

  /** Those that are lost stand in nobody's way. */
  dropLost(now: number): void {
    const lost = this.#line.filter(({ pulse }) => isLost(pulse, now));
    for (const one of lost) this.leave(one);
  }

  leave(one: Waiting): void {
    const at = this.#line.indexOf(one);
    if (at >= 0) this.#line.splice(at, 1);
  }

  isFirst(one: Waiting): boolean {
    return this.#line[0] === one;
  }

  /** If another one waits that goes before this one, in the line or not. */
  goesBefore(one: Waiting): boolean {
    const [first] = this.#line;
    return first !== undefined && first !== one && RANKS[first.priority] <= RANKS[one.priority];
  }
}

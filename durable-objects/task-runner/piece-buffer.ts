import type { UnplacedEvent } from '../../shared/domain/tasks/stream-events.ts';
import { MOST_WAITING_PIECES_LENGTH, PIECES_PAUSE_MS } from './constants.ts';

/**
 * Pieces of one call's output on their way to storage: those that come close together go together. The first after a pause
 * goes at once. What dies with the object here was shown to nobody.
 */
export class PieceBuffer {
  readonly #write: (pieces: readonly UnplacedEvent[]) => void;
  readonly #onFailure: (error: unknown) => void;
  #waiting: UnplacedEvent[] = [];
  #length = 0;
  #writtenAt = Number.NEGATIVE_INFINITY;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** `write` keeps pieces or throws; `onFailure` is told of that where no `take` or `flush` of the caller's can be. */
  constructor(write: (pieces: readonly UnplacedEvent[]) => void, onFailure: (error: unknown) => void) {
    this.#write = write;
    this.#onFailure = onFailure;
  }

  take(piece: UnplacedEvent, length: number): void {
    this.#waiting.push(piece);
    this.#length += length;
    const pause = this.#writtenAt + PIECES_PAUSE_MS - Date.now();
    if (pause <= 0 || this.#length > MOST_WAITING_PIECES_LENGTH) this.flush();
    else this.#timer ??= setTimeout(() => this.#flushByTimer(), pause);
  }

  /** Writes what waits. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#waiting.length === 0) return;
    const pieces = this.#waiting;
    this.#waiting = [];
    this.#length = 0;
    this.#writtenAt = Date.now();
    this.#write(pieces);
  }

  #flushByTimer(): void {
    try {
      this.flush();
    } catch (error) {
      this.#onFailure(error);
    }
  }
}

import type { EventBatch, TakeReply } from '../../shared/contracts/events.ts';
import { EVENTS_PAUSE_MS, EVENTS_RETRY_MS, UNWATCHED_EVENTS_PAUSE_MS } from './constants.ts';
import type { EventOutbox } from './event-outbox.ts';

interface EventDeliveryOptions {
  readonly outbox: EventOutbox;
  readonly sender: number;
  take(batch: EventBatch): Promise<TakeReply>;
  wait(ms: number): Promise<unknown>;
  now(): number;
  onFailure(error: unknown): void;
}

/**
 * Sends a gate's events to the tenant's hub, in order, one call at a time. While somebody reads, the first goes at once and
 * those behind it after a pause; while nobody does, events gather longer, and so cost fewer calls.
 */
export class EventDelivery {
  readonly #options: EventDeliveryOptions;
  #isRunning = false;
  #isWatched = false;
  #sentAt = Number.NEGATIVE_INFINITY;
  #notBefore = Number.NEGATIVE_INFINITY;

  constructor(options: EventDeliveryOptions) {
    this.#options = options;
  }

  /** When an alarm is to look after what was not sent; null: there is nothing, or it is being sent. */
  get due(): number | null {
    if (this.#isRunning || !this.#options.outbox.hasMore) return null;
    return Math.max(this.#notBefore, this.#options.now());
  }

  /** Sends what there is. Does not reject: what failed is sent again by the alarm. */
  async run(): Promise<void> {
    const { outbox, sender, take, wait, now } = this.#options;
    if (this.#isRunning || !outbox.hasMore || now() < this.#notBefore) return;
    this.#isRunning = true;
    try {
      while (outbox.hasMore) {
        const pause = this.#isWatched ? this.#sentAt + EVENTS_PAUSE_MS - now() : UNWATCHED_EVENTS_PAUSE_MS;
        if (pause > 0) await wait(pause);
        const batch = outbox.take(sender);
        if (!batch) return;
        this.#sentAt = now();
        const { isWatched } = await take(batch);
        this.#isWatched = isWatched;
        outbox.drop();
      }
    } catch (error) {
      outbox.keep();
      this.#notBefore = now() + EVENTS_RETRY_MS;
      this.#options.onFailure(error);
    } finally {
      this.#isRunning = false;
    }
  }
}

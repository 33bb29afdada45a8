import type { Ending, ServerMessage } from '../../../shared/contracts/event-socket.ts';
import type { Reader } from '../../../shared/contracts/events.ts';
import { CONNECTION_IDLE_MS } from '../../../shared/domain/events/constants.ts';
import type { DomainError } from '../../../shared/errors/domain-error.ts';
import type { Result } from '../../../shared/errors/result.ts';
import type { Logger } from '../../../shared/platform/logger.ts';
import { retry } from '../../../shared/platform/retry.ts';
import type { EventWriter } from '../pipeline/event-writer.ts';
import { HUB_ATTEMPTS, HUB_RETRY_BASE_MS, HUB_RETRY_CAP_MS, IDLE_LOOK_MS, RECONNECT_MS } from './constants.ts';
import { HubMessages } from './hub-messages.ts';

interface EventRelayOptions {
  readonly reader: Reader;
  readonly writer: EventWriter;
  readonly logger: Logger;
  now(): number;
  /** Opens the hub again, for what comes after what was written. */
  reopen(reader: Reader): Promise<Result<WebSocket, DomainError>>;
}

/**
 * Writes what a hub sends as Server-Sent Events, at the pace at which the client reads, and acknowledges what was written.
 * A hub that is lost is opened again at the last event, so that the client notices nothing; every end is an event of its own.
 */
export class EventRelay {
  readonly #options: EventRelayOptions;
  /** Everything up to this place was written; null: not known yet. */
  #cursor: number | null;
  #messages: HubMessages;
  #hasBegun = false;
  #isStopped = false;
  #eventAt: number;

  constructor(socket: WebSocket, options: EventRelayOptions) {
    this.#options = options;
    this.#cursor = options.reader.cursor;
    this.#eventAt = options.now();
    this.#messages = new HubMessages(socket);
  }

  /** Ends the stream for a reason that the hub does not know. */
  stop(reason: Ending): void {
    this.#isStopped = true;
    this.#messages.stop(reason, this.#cursor ?? 0);
  }

  /** The client is gone. */
  leave(): void {
    this.#isStopped = true;
    this.#messages.close();
  }

  /** Runs until the stream has ended; answers why, null where the client left. Does not reject. */
  async run(): Promise<Ending | null> {
    const { writer, logger, now } = this.#options;
    const idle = setInterval(() => {
      if (now() - this.#eventAt >= CONNECTION_IDLE_MS) this.stop('idle');
    }, IDLE_LOOK_MS);
    try {
      writer.write(`retry: ${RECONNECT_MS}\n\n`);
      for (;;) {
        const message = await this.#messages.next();
        if (message?.type === 'end' && (message.reason !== 'unavailable' || this.#isStopped)) {
          return await this.#end(message.reason);
        }
        if (message && message.type !== 'end') await this.#write(message);
        else if (this.#isStopped) return null;
        else if (!(await this.#reopen())) return await this.#end('unavailable');
      }
    } catch (error) {
      writer.abort();
      if (!this.#isStopped) logger.warn('events.not_written', { error });
      return null;
    } finally {
      clearInterval(idle);
      this.#messages.close();
    }
  }

  async #write(message: ServerMessage): Promise<void> {
    const { writer, now } = this.#options;
    if (message.type === 'ready' && !this.#hasBegun) {
      this.#hasBegun = true;
      this.#pass(message.sequence, '');
    }
    if (message.type === 'reset') {
      this.#pass(message.sequence, `event: reset\ndata: ${JSON.stringify({ sequence: message.sequence })}\n`);
    }
    if (message.type !== 'events') return;
    this.#eventAt = now();
    for (const event of message.events) {
      if (event.sequence <= (this.#cursor ?? 0)) continue; // it was written before the hub was lost
      this.#pass(event.sequence, `event: ${event.type}\ndata: ${JSON.stringify(event)}\n`);
      if (writer.isBehind) await writer.caughtUp();
    }
    if (message.ackAfter === undefined) return;
    await writer.caughtUp();
    this.#messages.acknowledge(message.ackAfter);
  }

  #pass(sequence: number, text: string): void {
    this.#options.writer.write(`id: ${sequence}\n${text}\n`);
    this.#cursor = sequence;
  }

  /** Opens the hub again; false when it does not let the reader in, or cannot be reached. */
  async #reopen(): Promise<boolean> {
    const { reader, reopen, logger } = this.#options;
    try {
      const opened = await retry(() => reopen({ ...reader, cursor: this.#cursor }), {
        ...{ attempts: HUB_ATTEMPTS, baseMs: HUB_RETRY_BASE_MS, capMs: HUB_RETRY_CAP_MS },
      });
      if (!opened.ok) return false;
      this.#messages = new HubMessages(opened.value);
      if (this.#isStopped) this.#messages.close();
      return true;
    } catch (error) {
      logger.warn('events.hub_not_reached', { error });
      return false;
    }
  }

  async #end(reason: Ending): Promise<Ending> {
    const { writer } = this.#options;
    const id = this.#cursor === null ? '' : `id: ${this.#cursor}\n`;
    writer.write(`${id}event: end\ndata: ${JSON.stringify({ reason, sequence: this.#cursor })}\n\n`);
    await writer.end();
    return reason;
  }
}

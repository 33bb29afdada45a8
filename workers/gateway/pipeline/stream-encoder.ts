import type { OrchestrateResponse } from '../../../shared/contracts/http/orchestrate.ts';
import type { TerminalEventName } from '../../../shared/contracts/http/stream-events.ts';
import type { DomainError } from '../../../shared/errors/domain-error.ts';
import type { ServerSentEvent, StreamPart } from '../../../shared/providers/contract.ts';

/** What is known when a stream begins. */
export interface StreamStart {
  readonly requestId: string;
  readonly provider: OrchestrateResponse['provider'];
  readonly model: string;
  readonly traceId: string;
  /** Epoch milliseconds. */
  readonly startedAt: number;
}

/** Who goes on with an answer, and how much of its text came before. */
export interface ContinuedBy extends Pick<StreamStart, 'requestId' | 'provider' | 'model'> {
  readonly afterCharacters: number;
}

/** How a stream ended. `response` is the answer, whole or as far as it came. */
export type StreamEnding =
  | { readonly event: 'completed'; readonly response: OrchestrateResponse }
  | {
      readonly event: Exclude<TerminalEventName, 'completed'>;
      readonly error: DomainError;
      readonly response: OrchestrateResponse;
    };

/**
 * Writes a streamed answer as one API's clients read it, as text of `text/event-stream`. Holds the state of one stream;
 * does no I/O. A failed end is an event of its own, and never what a complete stream ends with.
 */
export interface StreamEncoder {
  start(start: StreamStart): string;
  /** The events of one group of parts, as one text; empty where they have none. */
  parts(group: readonly StreamPart[]): string;
  /** That another candidate goes on with the text; absent where the API has no event for it, which is a comment then. */
  continued?(by: ContinuedBy): string;
  /** The last events. */
  end(ending: StreamEnding): string;
  /** The event of a failed end alone, for a stream whose earlier events were written by the vendor in this format. */
  failure(error: DomainError, requestId: string): string;
  /**
   * Whether the client must not see an event of a stream that the vendor itself writes in this API's format. Absent where
   * the client sees all: then such a stream goes through untouched.
   */
  hides?(event: ServerSentEvent): boolean;
}

import type { ReportedUsage, ServerSentEvent, StreamPart } from '../contract.ts';

/**
 * Turns one vendor's events into parts, in order. Holds the state of one stream; does no I/O. It emits everything but
 * `stream-error`, which is for whoever drives it: a reducer that meets an error event, or one that it cannot read,
 * throws a `ProviderError`.
 */
export interface ChunkReducer {
  accept(event: ServerSentEvent): readonly StreamPart[];
  /**
   * Called when the body ended without a `finish`: the parts that complete the stream where its end is the only sign of
   * that; null when the vendor had not finished, and the stream was cut.
   */
  end(): readonly StreamPart[] | null;
  /** What the vendor has counted so far, for a stream that does not finish. */
  usage(): ReportedUsage;
}

import { MAX_EVENT_LENGTH, MAX_STREAM_BYTES } from '../constants.ts';
import type { ByteReader, EventGroup, ProviderName, ServerSentEvent, StreamPart } from '../contract.ts';
import { ProviderError } from '../provider-error.ts';
import type { ChunkReducer } from './chunk-reducer.ts';
import { EventDecoder } from './sse.ts';
import { transportError } from './transport-error.ts';

const LIMITS = { maxEventLength: MAX_EVENT_LENGTH, maxStreamBytes: MAX_STREAM_BYTES };

/** The bytes of a stream of events, and what to make of them. */
export interface StreamInput {
  readonly provider: ProviderName;
  readonly bytes: ByteReader;
  readonly reducer: ChunkReducer;
  readonly abortSignal: AbortSignal;
}

/**
 * Drives a reducer over the events of a response, one group for each read that completes any. Whatever vendor, network
 * and reducer do, it ends in exactly one `finish` or `stream-error`, with the usage seen so far, and never throws; the
 * events of a group are all that the read brought, also past that end or past the one that failed. Reads nothing past
 * the end, and cancels the bytes when its consumer leaves.
 */
export function streamGroups(input: StreamInput): AsyncGenerator<EventGroup, void> {
  return drive(input, (events, parts) => ({ events, parts }));
}

/** As `streamGroups`, the parts alone; a read of none is no group. */
export function streamParts(input: StreamInput): AsyncGenerator<readonly StreamPart[], void> {
  return drive(input, (_, parts) => (parts.length > 0 ? parts : null));
}

/** One generator for both: on the hot path, each more would cost its promises for every event. */
async function* drive<Group>(
  input: StreamInput,
  groupOf: (events: readonly ServerSentEvent[], parts: readonly StreamPart[]) => Group | null,
): AsyncGenerator<Group, void> {
  const { provider, bytes, reducer, abortSignal } = input;
  const decoder = new EventDecoder(LIMITS);
  let failure: unknown = new Error('the body ended before the stream did');
  let events: readonly ServerSentEvent[] = [];
  let parts: StreamPart[] = [];
  try {
    for (let read = await bytes.read(); !read.done; read = await bytes.read()) {
      events = decoder.accept(read.value);
      if (events.length === 0) continue;
      const isFinished = readable(provider, () => events.some((event) => append(reducer.accept(event), parts)));
      const group = groupOf(events, parts);
      if (group) yield group;
      if (isFinished) return;
      events = [];
      parts = [];
    }
    if (readable(provider, () => append(reducer.end() ?? [], parts))) {
      const group = groupOf(events, parts);
      if (group) yield group;
      return;
    }
  } catch (thrown) {
    failure = thrown;
  } finally {
    bytes.cancel().catch(() => {}); // nobody is left to be told that a broken body cannot be canceled
  }
  const error = toProviderError(provider, failure, abortSignal);
  const group = groupOf(events, [...parts, { type: 'stream-error', error, usage: reducer.usage() }]);
  if (group) yield group;
}

/** What a reducer throws that is not a `ProviderError` is an event that it could not read. */
function readable<T>(provider: ProviderName, reduce: () => T): T {
  try {
    return reduce();
  } catch (cause) {
    if (cause instanceof ProviderError) throw cause;
    throw ProviderError.of('bad-response', `${provider} streamed an event that cannot be read`, {
      cause,
      billing: 'maybe-billed',
    });
  }
}

/** Appends parts up to a `finish`; answers whether there was one. */
function append(more: readonly StreamPart[], parts: StreamPart[]): boolean {
  for (const part of more) {
    parts.push(part);
    if (part.type === 'finish') return true;
  }
  return false;
}

function toProviderError(provider: ProviderName, failure: unknown, signal: AbortSignal): ProviderError {
  if (failure instanceof ProviderError) return failure;
  const error = transportError(provider, failure, signal);
  if (error.kind !== 'retryable') return error;
  return ProviderError.of('upstream-cut', `the stream of ${provider} was cut`, {
    cause: failure,
    billing: 'maybe-billed',
  });
}

import { MAX_EVENT_LENGTH, MAX_STREAM_BYTES } from '../constants.ts';
import type { ProviderName, StreamPart } from '../contract.ts';
import { ProviderError } from '../provider-error.ts';
import type { ChunkReducer } from './chunk-reducer.ts';
import { readEvents } from './sse.ts';
import { transportError } from './transport-error.ts';

const LIMITS = { maxEventLength: MAX_EVENT_LENGTH, maxStreamBytes: MAX_STREAM_BYTES };

/** A response that streams events, and what to make of them. */
export interface StreamInput {
  readonly provider: ProviderName;
  readonly response: Response;
  readonly reducer: ChunkReducer;
  readonly abortSignal: AbortSignal;
}

/**
 * Drives a reducer over the events of a response. Whatever vendor, network and reducer do, it ends in exactly one
 * `finish` or `stream-error`, with the usage seen so far, and never throws. Reads nothing past that end, and cancels the
 * body when its consumer leaves.
 */
export async function* streamParts(input: StreamInput): AsyncGenerator<readonly StreamPart[], void> {
  const { provider, response, reducer, abortSignal } = input;
  let failure: unknown = new Error('the body ended before the stream did');
  let group: StreamPart[] = [];
  const isFinishedBy = (reduce: () => readonly StreamPart[]): boolean => {
    const parts = readable(provider, reduce);
    const end = parts.findIndex(({ type }) => type === 'finish');
    group.push(...(end === -1 ? parts : parts.slice(0, end + 1)));
    return end !== -1;
  };
  try {
    for await (const events of readEvents(response.body ?? new Blob().stream(), LIMITS)) {
      const isFinished = events.some((event) => isFinishedBy(() => reducer.accept(event)));
      if (group.length > 0) yield group;
      if (isFinished) return;
      group = [];
    }
    if (isFinishedBy(() => reducer.end() ?? [])) {
      yield group;
      return;
    }
  } catch (thrown) {
    failure = thrown;
  }
  const error = toProviderError(provider, failure, abortSignal);
  yield [...group, { type: 'stream-error', error, usage: reducer.usage() }];
}

/** What a reducer throws that is not a `ProviderError` is an event that it could not read. */
function readable(provider: ProviderName, reduce: () => readonly StreamPart[]): readonly StreamPart[] {
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

function toProviderError(provider: ProviderName, failure: unknown, signal: AbortSignal): ProviderError {
  if (failure instanceof ProviderError) return failure;
  const error = transportError(provider, failure, signal);
  if (error.kind !== 'retryable') return error;
  return ProviderError.of('upstream-cut', `the stream of ${provider} was cut`, {
    cause: failure,
    billing: 'maybe-billed',
  });
}

import type { StreamPart } from '../../../shared/providers/contract.ts';
import { ProviderError } from '../../../shared/providers/provider-error.ts';

/** What a stream says before its model has written anything. */
const LIFECYCLE: ReadonlySet<StreamPart['type']> = new Set(['response-start', 'usage-update']);

/**
 * Waits for the first word of a stream and answers the whole stream, from its beginning. Rejects when it fails before: then
 * nothing of it was shown to anybody. Where the vendor had counted by then, it may bill.
 */
export async function untilContent<Group>(
  groups: AsyncIterable<Group>,
  partsOf: (group: Group) => readonly StreamPart[],
): Promise<AsyncIterable<Group>> {
  const iterator = groups[Symbol.asyncIterator]();
  const held: Group[] = [];
  let hasCounted = false;
  for (;;) {
    const { done, value } = await iterator.next();
    if (done) throw ProviderError.of('upstream-cut', 'the stream ended before it began', { billing: 'maybe-billed' });
    held.push(value);
    for (const part of partsOf(value)) {
      if (part.type === 'stream-error') throw hasCounted ? asMaybeBilled(part.error) : part.error;
      if (!LIFECYCLE.has(part.type)) return replay(held, iterator);
      hasCounted ||= part.type === 'usage-update' && part.usage.unified !== undefined;
    }
  }
}

async function* replay<Group>(held: readonly Group[], iterator: AsyncIterator<Group>): AsyncGenerator<Group> {
  try {
    yield* held;
    for (let next = await iterator.next(); !next.done; next = await iterator.next()) yield next.value;
  } finally {
    await iterator.return?.();
  }
}

function asMaybeBilled(error: ProviderError): ProviderError {
  const { kind, message, status, retryAfterMs, vendorMessage } = error;
  return ProviderError.of(kind, message, {
    status,
    retryAfterMs,
    vendorMessage,
    billing: 'maybe-billed',
    cause: error,
  });
}

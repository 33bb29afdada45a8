import type { PartStream, ReportedUsage, StreamPart } from '../contract.ts';
import { ProviderError } from '../provider-error.ts';

/**
 * The parts of an answer behind `begun`, for a vendor that says the beginning that it was given once more. One that says
 * something else, or stops before it has said all of it, has not gone on with it: that ends in `stream-error`, since what
 * follows may have a gap, or a piece twice.
 */
export async function* dropEcho(parts: PartStream, begun: string): PartStream {
  let awaited = begun;
  let usage: ReportedUsage = { unified: undefined, raw: undefined };
  for await (const group of parts) {
    const kept: StreamPart[] = [];
    for (const part of group) {
      if (part.type === 'usage-update') usage = part.usage;
      if (awaited === '' || PASSED.has(part.type)) {
        kept.push(part);
        continue;
      }
      const text = part.type === 'text-delta' ? part.text : '';
      const length = Math.min(awaited.length, text.length);
      if (length === 0 || !awaited.startsWith(text.slice(0, length))) {
        const error = ProviderError.of('bad-response', 'the answer does not begin as it was told to');
        yield [...kept, { type: 'stream-error', error, usage: part.type === 'finish' ? part.usage : usage }];
        return;
      }
      awaited = awaited.slice(length);
      if (length < text.length) kept.push({ type: 'text-delta', text: text.slice(length) });
    }
    if (kept.length > 0) yield kept;
  }
}

/** What says nothing of the text. */
const PASSED: ReadonlySet<StreamPart['type']> = new Set(['response-start', 'usage-update', 'source', 'stream-error']);

import type { NativeRequest } from '../contract.ts';
import type { Extension, OpenaiVendor } from './vendor.ts';

/**
 * The body of `POST /chat/completions` as its client wrote it, with our model and output limit, and without what asks
 * for a stream. Of the two names for the limit it has the vendor's own alone.
 */
export function convertNative(
  { outputLimitField }: OpenaiVendor,
  { body, maxOutputTokens }: NativeRequest,
  model: string,
): Extension {
  const { stream: _, stream_options: __, max_tokens: ___, max_completion_tokens: ____, ...rest } = body;
  return { ...rest, model, [outputLimitField]: maxOutputTokens };
}

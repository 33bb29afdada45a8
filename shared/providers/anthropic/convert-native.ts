import type { NativeRequest } from '../contract.ts';

/** The body of `POST /messages` as its client wrote it, with our model and output limit, and not asking for a stream. */
export function convertNative({ body, maxOutputTokens }: NativeRequest, model: string): object {
  const { stream: _, ...rest } = body;
  return { ...rest, model, max_tokens: maxOutputTokens };
}

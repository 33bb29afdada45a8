/** A vector of Perplexity's `base64_int8`. https://docs.perplexity.ai/api-reference/embeddings-post */
export function decodeInt8(text: string): readonly number[] {
  return [...Int8Array.from(atob(text), (byte) => byte.charCodeAt(0))];
}

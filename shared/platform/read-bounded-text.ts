/** The body is larger than the reader accepts. */
export class BodyTooLargeError extends Error {
  constructor(maxBytes: number) {
    super(`body exceeds ${maxBytes} bytes`);
    this.name = 'BodyTooLargeError';
  }
}

/** Reads a body as UTF-8 and stops at `maxBytes`, counted after decompression. Time is limited by the call's signal. */
export async function readBoundedText(response: Response, maxBytes: number): Promise<string> {
  const { headers } = response;
  const announced = Number(headers.get('content-length') ?? Number.NaN);
  // An announced length is enforced by the protocol, except that it counts compressed bytes.
  if (announced <= maxBytes && !headers.has('content-encoding')) return await response.text();
  if (response.body === null) return '';
  if (announced > maxBytes) {
    await response.body.cancel();
    throw new BodyTooLargeError(maxBytes);
  }
  const decoder = new TextDecoder();
  let text = '';
  let size = 0;
  for await (const chunk of response.body) {
    size += chunk.byteLength;
    if (size > maxBytes) throw new BodyTooLargeError(maxBytes);
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}

import { describe, expect, it } from 'vitest';
import { BodyTooLargeError, readBoundedText } from './read-bounded-text.ts';

function streamed(chunks: readonly Uint8Array<ArrayBuffer>[], headers: HeadersInit = {}) {
  const seen = { pulled: 0, isCanceled: false };
  const body = new ReadableStream<Uint8Array<ArrayBuffer>>(
    {
      pull(controller) {
        const chunk = chunks[seen.pulled++];
        if (chunk) controller.enqueue(chunk);
        else controller.close();
      },
      cancel() {
        seen.isCanceled = true;
      },
    },
    { highWaterMark: 0 },
  );
  return { response: new Response(body, { headers }), seen };
}

describe('reading a body', () => {
  it('joins chunks that cut a character', async () => {
    const bytes = new TextEncoder().encode('naïve 漢字');
    const { response } = streamed([...bytes].map((byte) => Uint8Array.of(byte)));
    expect(await readBoundedText(response, 100)).toBe('naïve 漢字');
  });

  it('takes a body of exactly the limit', async () => {
    expect(await readBoundedText(streamed([new Uint8Array(8), new Uint8Array(2)]).response, 10)).toHaveLength(10);
  });

  it('stops at the first chunk past the limit and lets go of the connection', async () => {
    const { response, seen } = streamed(Array.from({ length: 100 }, () => new Uint8Array(4)));
    await expect(readBoundedText(response, 10)).rejects.toThrow(BodyTooLargeError);
    expect(seen).toEqual({ pulled: 3, isCanceled: true });
  });

  it('refuses an announced size without reading', async () => {
    const { response, seen } = streamed([new Uint8Array(4)], { 'content-length': '11' });
    await expect(readBoundedText(response, 10)).rejects.toThrow(BodyTooLargeError);
    expect(seen).toEqual({ pulled: 0, isCanceled: true });
  });

  it('counts what a compressed body unpacks to, whatever length it announces', async () => {
    const headers = { 'content-length': '4', 'content-encoding': 'gzip' };
    await expect(readBoundedText(streamed([new Uint8Array(11)], headers).response, 10)).rejects.toThrow(
      BodyTooLargeError,
    );
  });

  it('answers nothing for no body', async () => {
    expect(await readBoundedText(new Response(null), 10)).toBe('');
  });
});

const CHUNK_BYTES = 16 * 1024;

/** So far beyond every limit that who reads it all is found out, and no further: a test must not fill the memory. */
const MOST_BYTES = 64 * 1024 * 1024;

/** A body of spaces that is as good as endless, and how much of it was taken. */
export function endlessBody() {
  const poured = { bytes: 0 };
  const body = new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        if (poured.bytes >= MOST_BYTES) return controller.close();
        poured.bytes += CHUNK_BYTES;
        controller.enqueue(new Uint8Array(CHUNK_BYTES).fill(0x20));
      },
    },
    { highWaterMark: 0 },
  );
  return { body, poured };
}

const CHUNK_BYTES = 16 * 1024;

/** A body of spaces that never ends, and how much of it was taken. */
export function endlessBody() {
  const poured = { bytes: 0 };
  const body = new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        poured.bytes += CHUNK_BYTES;
        controller.enqueue(new Uint8Array(CHUNK_BYTES).fill(0x20));
      },
    },
    { highWaterMark: 0 },
  );
  return { body, poured };
}

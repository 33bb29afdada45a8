import { joinBytes } from '../../../shared/platform/join-bytes.ts';
import { ANSWER_MAX_BYTES } from '../constants.ts';

/** What becomes of a body that is sent on. */
export interface Recording {
  /** Called with each chunk that was read. */
  onChunk(): void;
  /** All of it was read; null when it is too long to be kept. The reader waits for it before it sees the end. */
  onEnd(body: Uint8Array | null): Promise<void>;
  /** It broke off, or its reader left. */
  onBreak(): Promise<void>;
}

/** Hands a body on as it is read, and a copy of all of it to who records, at its end. Reads no faster than its reader. */
export function recorded(
  body: ReadableStream<Uint8Array>,
  { onChunk, onEnd, onBreak }: Recording,
): ReadableStream<Uint8Array> {
  const reader = body.getReader();
  let chunks: Uint8Array[] = [];
  let length = 0;
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        try {
          const { done, value } = await reader.read();
          if (done) {
            await onEnd(length > ANSWER_MAX_BYTES ? null : joinBytes(chunks));
            return controller.close();
          }
          length += value.byteLength;
          if (length > ANSWER_MAX_BYTES) chunks = [];
          else chunks.push(value.slice());
          onChunk();
          controller.enqueue(value);
        } catch (error) {
          await onBreak();
          controller.error(error);
        }
      },
      async cancel(reason) {
        await Promise.all([reader.cancel(reason), onBreak()]);
      },
    },
    { highWaterMark: 0 },
  );
}

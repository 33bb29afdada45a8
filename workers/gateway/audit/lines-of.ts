import type { LogLine } from '../../../shared/domain/audit/log-lines.ts';

/** Pages of lines as JSON lines, a page at a time as the reader takes them. A failure becomes the last line. */
export function linesOf(
  pages: AsyncGenerator<readonly LogLine[], void>,
  onFailure: (error: unknown) => void,
): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  const write = (lines: readonly LogLine[]) =>
    encoder.encode(lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
  return new ReadableStream({
    async pull(controller) {
      try {
        const { done, value } = await pages.next();
        if (!done) return controller.enqueue(write(value));
      } catch (error) {
        onFailure(error);
        controller.enqueue(write([{ kind: 'error', detail: 'Ask for it again.' }]));
      }
      controller.close();
    },
    async cancel() {
      await pages.return(undefined);
    },
  });
}

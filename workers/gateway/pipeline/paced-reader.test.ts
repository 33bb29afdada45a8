import { expect, it } from 'vitest';
import { PacedReader } from './paced-reader.ts';

/** Whether a stream of these pieces ends behind an event, once it is read to its end. */
async function endsAtBoundary(...pieces: readonly string[]): Promise<boolean> {
  const body = new ReadableStream({
    type: 'bytes',
    start(controller) {
      for (const piece of pieces) controller.enqueue(new TextEncoder().encode(piece));
      controller.close();
    },
  });
  const reader = new PacedReader(body);
  reader.hurry();
  while (!(await reader.read()).done);
  return reader.isAtBoundary;
}

it.each([
  [[]],
  [['data: 1\n\n']],
  [['data: 1\r\r']],
  [['data: 1\r\n\r\n']],
  [['data: 1\n', '\n']],
  [['data: 1\r', '\n', '\r', '\n']],
])('is at a boundary behind %j', async (pieces) => {
  expect(await endsAtBoundary(...pieces)).toBe(true);
});

it.each([
  [['data: 1\n\ndata: 2']],
  [['data: 1\n']],
  [['data: 1\r\n']],
  [['data: \0\0\0\0']],
  [['data: 1\n\n', '\0\0', '\0\0']],
])('is within an event behind %j', async (pieces) => {
  expect(await endsAtBoundary(...pieces)).toBe(false);
});

import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { KEEP_ALIVE_MS, STREAM_STALL_MS } from '../constants.ts';
import { EventWriter } from './event-writer.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function setUp() {
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>(undefined, undefined, {
    highWaterMark: 0,
  });
  const onLost = vi.fn();
  const reader = readable.pipeThrough(new TextDecoderStream()).getReader();
  return { onLost, reader, writer: new EventWriter(writable, () => Date.now(), onLost) };
}

it('fills silence with comments, and only silence', async () => {
  const { reader, writer } = setUp();
  const first = reader.read();
  await writer.write('event: started\n\n');
  expect((await first).value).toBe('event: started\n\n');
  const second = reader.read();
  await vi.advanceTimersByTimeAsync(KEEP_ALIVE_MS);
  expect((await second).value).toBe(': keep-alive\n\n');
});

it('gives a client up that takes nothing for too long', async () => {
  const { onLost, writer } = setUp();
  const writes = Array.from({ length: 4 }, () => writer.write('x'));
  const ends = Promise.allSettled(writes);
  await vi.advanceTimersByTimeAsync(STREAM_STALL_MS);
  expect(onLost).not.toHaveBeenCalled();
  await vi.advanceTimersByTimeAsync(2 * KEEP_ALIVE_MS);
  expect(onLost).toHaveBeenCalled();
  expect((await ends).at(-1)?.status).toBe('rejected');
});

it('tells of a client that leaves', async () => {
  const { onLost, reader } = setUp();
  await reader.cancel();
  await vi.advanceTimersByTimeAsync(0);
  expect(onLost).toHaveBeenCalledOnce();
});

import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { GATHER_MS, KEEP_ALIVE_MS, MOST_WAITING_LENGTH, STREAM_STALL_MS } from '../constants.ts';
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
  writer.write('event: started\n\n');
  expect((await first).value).toBe('event: started\n\n');
  const second = reader.read();
  await vi.advanceTimersByTimeAsync(KEEP_ALIVE_MS);
  expect((await second).value).toBe(': keep-alive\n\n');
});

it('gathers what comes right behind a write, and writes at once what comes later', async () => {
  const { reader, writer } = setUp();
  const first = reader.read();
  writer.write('a');
  expect((await first).value).toBe('a');
  for (const text of ['b', 'c', 'd']) writer.write(text);
  const second = reader.read();
  await vi.advanceTimersByTimeAsync(GATHER_MS);
  expect((await second).value).toBe('bcd');
  await vi.advanceTimersByTimeAsync(GATHER_MS);
  const third = reader.read();
  writer.write('e');
  expect((await third).value).toBe('e');
});

it('ends with all that was written', async () => {
  const { reader, writer } = setUp();
  for (const text of ['a', 'b', '', 'c']) writer.write(text);
  const ended = writer.end();
  let text = '';
  for (let read = await reader.read(); !read.done; read = await reader.read()) text += read.value;
  await ended;
  expect(text).toBe('abc');
});

it('makes the provider wait for a client that lags far behind, and only then', async () => {
  const { reader, writer } = setUp();
  writer.write('a');
  writer.write('x'.repeat(1_000));
  expect(writer.isBehind).toBe(false);
  writer.write('x'.repeat(MOST_WAITING_LENGTH));
  expect(writer.isBehind).toBe(true);
  const onCaughtUp = vi.fn();
  const caughtUp = writer.caughtUp().then(onCaughtUp);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(onCaughtUp).not.toHaveBeenCalled();
  for (let length = 0; length < MOST_WAITING_LENGTH; ) length += (await reader.read()).value?.length ?? 0;
  await caughtUp;
  expect([onCaughtUp.mock.calls.length, writer.isBehind]).toEqual([1, false]);
});

it('gives a client up that takes nothing for too long', async () => {
  const { onLost, writer } = setUp();
  writer.write('x');
  await vi.advanceTimersByTimeAsync(STREAM_STALL_MS);
  expect(onLost).not.toHaveBeenCalled();
  await vi.advanceTimersByTimeAsync(2 * KEEP_ALIVE_MS);
  expect(onLost).toHaveBeenCalledOnce();
  expect(() => writer.write('y')).toThrow('the client takes nothing');
});

it('tells of a client that leaves', async () => {
  const { onLost, reader } = setUp();
  await reader.cancel();
  await vi.advanceTimersByTimeAsync(0);
  expect(onLost).toHaveBeenCalledOnce();
});

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { UnplacedEvent } from '../../shared/domain/tasks/stream-events.ts';
import { MOST_WAITING_PIECES_LENGTH, PIECES_PAUSE_MS } from './constants.ts';
import { PieceBuffer } from './piece-buffer.ts';

const piece = (text: string): UnplacedEvent => ({ event: 'text.delta', data: { text } });

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

function buffer(fails = false) {
  const writes: string[][] = [];
  const failures: unknown[] = [];
  const pieces = new PieceBuffer(
    (taken) => {
      if (fails) throw new Error('the disk is full');
      writes.push(taken.map(({ data }) => ('text' in data ? String(data.text) : '')));
    },
    (error) => failures.push(error),
  );
  return { writes, failures, pieces };
}

describe('pieces of an output', () => {
  it('are written at once after a pause, and together while they come fast', () => {
    const { writes, pieces } = buffer();
    for (const text of ['a', 'b', 'c']) pieces.take(piece(text), 1);
    expect(writes).toEqual([['a']]);
    vi.advanceTimersByTime(PIECES_PAUSE_MS);
    expect(writes).toEqual([['a'], ['b', 'c']]);
    vi.advanceTimersByTime(PIECES_PAUSE_MS);
    pieces.take(piece('d'), 1);
    expect(writes).toEqual([['a'], ['b', 'c'], ['d']]);
  });

  it('of a model that writes without a pause are ten commits a second, each in order', () => {
    const { writes, pieces } = buffer();
    const texts = Array.from({ length: 1_000 }, (_, at) => String(at));
    for (const text of texts) {
      pieces.take(piece(text), 1);
      vi.advanceTimersByTime(1);
    }
    pieces.flush();
    expect(writes.flat()).toEqual(texts);
    expect(writes.length).toBeLessThanOrEqual(1_000 / PIECES_PAUSE_MS + 1);
  });

  it('do not wait in any amount', () => {
    const { writes, pieces } = buffer();
    pieces.take(piece('first'), 5);
    pieces.take(piece('long'), MOST_WAITING_PIECES_LENGTH + 1);
    expect(writes).toEqual([['first'], ['long']]);
  });

  it('that cannot be kept are told of, to whoever is there', () => {
    const { failures, pieces } = buffer(true);
    expect(() => pieces.take(piece('a'), 1)).toThrow('the disk is full');
    pieces.take(piece('b'), 1);
    vi.advanceTimersByTime(PIECES_PAUSE_MS);
    expect(failures).toHaveLength(1);
  });
});

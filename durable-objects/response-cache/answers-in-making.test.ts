import { describe, expect, it } from 'vitest';
import { AnswersInMaking } from './answers-in-making.ts';

/** A clock that only the test moves on. */
function play() {
  const waits: { ms: number; end: () => void }[] = [];
  const making = new AnswersInMaking((ms) => new Promise((end) => void waits.push({ ms, end })));
  return { making, waits };
}

describe('answers in making', () => {
  it('have one maker at a time, until it ends', async () => {
    const { making } = play();
    expect(making.begin('k', 'a', 0, 100)).toBe(true);
    expect(making.begin('k', 'b', 50, 100)).toBe(false);
    expect(making.begin('other', 'b', 50, 100)).toBe(true);
    const waiting = making.ended('k', 50, 1_000);
    making.end('k', 'b'); // who does not make it cannot end it
    expect(making.begin('k', 'b', 60, 100)).toBe(false);
    making.end('k', 'a');
    await waiting;
    expect(making.begin('k', 'b', 70, 100)).toBe(true);
  });

  it('are made by another one when the time of the first is over', async () => {
    const { making, waits } = play();
    making.begin('k', 'a', 0, 100);
    const waiting = making.ended('k', 40, 1_000);
    expect(waits.map(({ ms }) => ms)).toEqual([60]); // not longer than its maker has
    waits[0]?.end();
    await waiting;
    expect(making.begin('k', 'b', 100, 100)).toBe(true);
    making.end('k', 'a'); // late, and no longer its own
    expect(making.begin('k', 'c', 110, 100)).toBe(false);
  });

  it('are not waited for longer than asked', async () => {
    const { making, waits } = play();
    making.begin('k', 'a', 0, 100);
    const waiting = making.ended('k', 0, 30);
    expect(waits.map(({ ms }) => ms)).toEqual([30]);
    waits[0]?.end();
    await waiting;
    await making.ended('nobody makes it', 0, 30);
  });
});

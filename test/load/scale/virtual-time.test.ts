import { expect, it } from 'vitest';
import { VirtualTime } from './virtual-time.ts';

it('fires timers in order of time, those of one moment in order of setting, and none after the end', async () => {
  const time = new VirtualTime(1000);
  const fired: [string, number][] = [];
  for (const [name, ms] of [
    ['c', 30],
    ['a', 10],
    ['never', 51],
    ['b', 10],
    ['d', 50],
  ] as const) {
    time.in(ms, () => fired.push([name, time.now()]));
  }
  await time.runUntil(1050);
  expect(fired).toEqual([
    ['a', 1010],
    ['b', 1010],
    ['c', 1030],
    ['d', 1050],
  ]);
  expect(time.now()).toBe(1050);
});

it('serves code that waits with setTimeout, at no real time, and gives the real ones back', async () => {
  const { setTimeout: real } = globalThis;
  const time = new VirtualTime(0);
  const seen: number[] = [];
  const wait = async () => {
    const cleared = setTimeout(() => seen.push(-1), 5);
    await new Promise((resolve) => setTimeout(resolve, 3_600_000));
    seen.push(Date.now());
    await time.wait(1);
    seen.push(time.now());
    clearTimeout(cleared);
  };
  time.in(0, () => void wait());
  time.in(1, () => clearTimeout(undefined));
  await time.runUntil(4_000_000);
  expect(seen).toEqual([-1, 3_600_000, 3_600_001]);
  expect(globalThis.setTimeout).toBe(real);
  expect(Date.now()).toBeGreaterThan(time.now());
});

it('puts thousands of timers in order', async () => {
  const time = new VirtualTime(0);
  const fired: number[] = [];
  for (let index = 0; index < 5000; index++) {
    const ms = (index * 7919) % 4999;
    time.in(ms, () => fired.push(ms));
  }
  await time.runUntil(5000);
  expect(fired).toEqual(fired.toSorted((a, b) => a - b));
  expect(fired).toHaveLength(5000);
});

import { describe, expect, it } from 'vitest';
import { BURSTS, describeDelivery, isHeldBack, readArrivals } from './delivery.ts';

const inBursts = Array.from({ length: BURSTS }, (_, index) => [
  { atMs: 5 + index * 20, events: 4 },
  { atMs: 7 + index * 20, events: 6 },
]).flat();

describe('describeDelivery', () => {
  it('sees every burst of a stream that is handed on as it comes', () => {
    const delivery = describeDelivery(inBursts);
    expect(delivery).toMatchObject({ firstMs: 5, lastMs: 7 + (BURSTS - 1) * 20, reads: 2 * BURSTS, bursts: BURSTS });
    expect(delivery.earlyShare).toBeCloseTo((BURSTS - 1) / BURSTS);
    expect(isHeldBack(delivery)).toBe(false);
  });

  it('finds a stream out that comes as a whole, whatever its first bytes did', () => {
    const delivery = describeDelivery([
      { atMs: 5, events: 1 },
      { atMs: 125, events: 40 },
      { atMs: 126, events: 23 },
    ]);
    expect(delivery.bursts).toBe(2);
    expect(isHeldBack(delivery)).toBe(true);
  });

  it('takes a stream without events for held back', () => {
    expect(isHeldBack(describeDelivery([]))).toBe(true);
  });
});

describe('readArrivals', () => {
  it('counts an event with the read that completes it', async () => {
    const body = new ReadableStream({
      start(controller) {
        for (const text of ['data: 1\n\ndata:', ' 2\n', '\ndata: 3\n\n']) {
          controller.enqueue(new TextEncoder().encode(text));
        }
        controller.close();
      },
    });
    const arrivals = await readArrivals(async () => new Response(body));
    expect(arrivals.map(({ events }) => events)).toEqual([1, 0, 2]);
  });

  it('fails on an answer that is not a success', async () => {
    await expect(readArrivals(async () => new Response('no', { status: 503 }))).rejects.toThrow('answered 503: no');
  });
});

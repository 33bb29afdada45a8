import { describe, expect, it } from 'vitest';
import { IsolatesPlay, playOutage } from '../../../test/harness/isolates-play.ts';

const [ALICE, BOB] = ['01990000-0000-7000-8000-0000000000a1', '01990000-0000-7000-8000-0000000000b1'];
const ISOLATES = 4;
const FOUR = { isolates: ISOLATES, isShared: true };

describe('F10: a provider that fails every call', { timeout: 60_000 }, () => {
  it.each([
    ['one isolate by itself', {}],
    ['four isolates', FOUR],
  ])(
    'is called five times and then once in 30 s by %s, served for by the fallback, and back within 60 s',
    async (_name, isolates) => {
      const { failed, recoveredAt, calls, leastPause } = await playOutage(new IsolatesPlay(isolates), ALICE);
      expect(failed).toBe(0);
      expect(calls).toBeGreaterThan(5 + 12);
      expect(calls).toBeLessThanOrEqual(5 + 20);
      expect(leastPause).toBeGreaterThanOrEqual(30);
      expect(recoveredAt).toBeLessThanOrEqual(760);
    },
  );

  it('control: without what was learned it is called each time', async () => {
    expect((await playOutage(new IsolatesPlay({ remembers: false }), ALICE)).calls).toBe(600);
  });

  it('control: isolates that tell each other nothing each call it five times, and probe it each', async () => {
    const { calls, leastPause } = await playOutage(new IsolatesPlay({ isolates: ISOLATES }), ALICE);
    expect(calls).toBeGreaterThan(ISOLATES * (5 + 15));
    expect(leastPause).toBeLessThan(30);
  });
});

describe('F12: a key that is refused', () => {
  async function refusedKey(bob: string) {
    const play = new IsolatesPlay(FOUR);
    play.status = (tenantId) => (tenantId === ALICE ? 401 : 200);
    const served: (string | null)[] = [];
    for (let request = 0; request < 10; request++) served.push((await play.ask(ALICE, request)).served);
    const callsOfAlice = play.calls.length;
    play.status = () => 200;
    const others: (string | null)[] = [];
    for (let at = 0; at < ISOLATES; at++) others.push((await play.ask(bob, at)).served);
    return { served, callsOfAlice, others };
  }

  it('opens the circuit of its tenant alone, in all isolates', async () => {
    const { served, callsOfAlice, others } = await refusedKey(BOB);
    expect(new Set(served)).toEqual(new Set(['second']));
    expect(callsOfAlice).toBe(5);
    expect(others).toEqual(Array(ISOLATES).fill('first'));
  });

  it('control: within the tenant it is noticed', async () => {
    expect((await refusedKey(ALICE)).others).toEqual(Array(ISOLATES).fill('second'));
  });
});

describe('a provider that asks to be left alone', () => {
  async function askedOnce(options: object) {
    const play = new IsolatesPlay(options);
    play.retryAfter = '7';
    play.status = () => 429;
    expect((await play.ask(ALICE, 0)).served).toBe('second');
    play.now += 6_999;
    return play;
  }

  it('is, by all isolates, from its first refusal on and for as long as it asks, while another one is there', async () => {
    const play = await askedOnce(FOUR);
    for (let at = 0; at < ISOLATES; at++) expect((await play.ask(ALICE, at)).served).toBe('second');
    expect(play.calls).toHaveLength(1);
    play.now += 1;
    play.status = () => 200;
    const served: (string | null)[] = [];
    for (let request = 0; request < 3 * ISOLATES; request++) served.push((await play.ask(ALICE, request)).served);
    expect(served.at(-1)).toBe('first');
  });

  it('is by the one isolate that there is', async () => {
    const play = await askedOnce({});
    const { served, record } = await play.ask(ALICE);
    expect([served, record?.attempts, play.calls.length]).toEqual(['second', undefined, 1]);
    play.now += 1;
    play.status = () => 200;
    expect((await play.ask(ALICE)).served).toBe('first');
  });

  it('is still when the gate has forgotten all of it, once an isolate that knows has called', async () => {
    const play = await askedOnce(FOUR);
    play.forgetGates();
    await play.ask(ALICE, 0);
    for (let at = 0; at < ISOLATES; at++) expect((await play.ask(ALICE, at)).served).toBe('second');
    expect(play.calls).toHaveLength(1);
  });

  it('control: isolates that tell each other nothing each have to be asked', async () => {
    const play = await askedOnce({ isolates: ISOLATES });
    for (let at = 0; at < ISOLATES; at++) await play.ask(ALICE, at);
    expect(play.calls).toHaveLength(ISOLATES);
  });
});

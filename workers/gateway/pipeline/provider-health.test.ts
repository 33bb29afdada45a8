import { describe, expect, it } from 'vitest';
import type { RequestRecorded } from '../../../shared/contracts/queues.ts';
import { pipelinePlay } from '../../../test/harness/pipeline-play.ts';
import { account, offer, POLICY_ID, policyWith, routingTenant } from '../../../test/harness/routing-tenant.ts';
import { ProviderHealth } from './provider-health.ts';
import { runRequest } from './run-request.ts';

const FIRST = 'http://first.test';
const SECOND = 'http://second.test';
const START = 1_763_780_000_000;

const candidate = (model: string) => ({ provider: 'openai-compatible', model, account: model });

/** A tenant whose requests go to `first`, and to `second` when that fails. */
function tenant(tenantId: string) {
  return routingTenant({
    tenantId,
    providerAccounts: [
      { ...account('openai-compatible', 'first'), baseUrl: FIRST },
      { ...account('openai-compatible', 'second'), baseUrl: SECOND },
    ],
    models: [offer('openai-compatible', 'first', 2), offer('openai-compatible', 'second', 2)],
    routingPolicies: [policyWith({ candidates: [{ ...candidate('first'), weight: 2 }, candidate('second')] })],
  });
}

const ANSWER = {
  ...{ id: 'x', object: 'chat.completion', model: 'm', usage: { prompt_tokens: 1, completion_tokens: 1 } },
  choices: [{ index: 0, message: { role: 'assistant', content: 'Served.' }, finish_reason: 'stop' }],
};

/** Requests of tenants through one isolate, on a clock that is set. */
class Isolate {
  now = START;
  /** What the first provider does with a call. */
  status: (tenantId: string) => number = () => 200;
  retryAfter: string | null = null;
  /** When the first provider was called, in seconds. */
  readonly calls: number[] = [];
  readonly #health: () => ProviderHealth;

  /** Without a health of its own every request begins with none. */
  constructor(hasHealth = true) {
    const health = new ProviderHealth(() => this.now);
    this.#health = () => (hasHealth ? health : new ProviderHealth(() => this.now));
  }

  async ask(tenantId: string): Promise<{ served: string | null; record: RequestRecorded | undefined }> {
    const { input, played } = pipelinePlay({
      ...{ snapshot: tenant(tenantId), request: { routingPolicyId: POLICY_ID }, now: () => this.now },
      health: this.#health(),
      fetch: async (url) => {
        if (String(url).startsWith(SECOND)) return Response.json(ANSWER);
        this.calls.push((this.now - START) / 1_000);
        const headers = this.retryAfter === null ? {} : { 'retry-after': this.retryAfter };
        return Response.json(ANSWER, { status: this.status(tenantId), headers });
      },
    });
    const result = await runRequest(input);
    await played.over();
    return { served: result.ok ? result.value.response.model : null, record: played.records.at(-1) };
  }
}

const [ALICE, BOB] = ['01990000-0000-7000-8000-0000000000a1', '01990000-0000-7000-8000-0000000000b1'];

/** A request each second; the first provider fails all of them from the hundredth to the seven hundredth second. */
async function outage(isolate: Isolate) {
  let failed = 0;
  let recoveredAt: number | null = null;
  for (let second = 0; second < 800; second++) {
    isolate.now = START + second * 1_000;
    isolate.status = () => (second >= 100 && second < 700 ? 500 : 200);
    const { served } = await isolate.ask(ALICE);
    if (served === null) failed++;
    if (second >= 700 && served === 'first') recoveredAt ??= second;
  }
  const calls = isolate.calls.filter((second) => second >= 100 && second < 700);
  const pauses = calls.slice(5).map((second, index) => second - (calls[index + 4] ?? 0));
  return { failed, recoveredAt, calls: calls.length, leastPause: Math.min(...pauses) };
}

describe('F10: a provider that fails every call', { timeout: 60_000 }, () => {
  it('is called five times and then once in 30 s, is served for by the fallback, and is back within 60 s', async () => {
    const { failed, recoveredAt, calls, leastPause } = await outage(new Isolate());
    expect(failed).toBe(0);
    expect(calls).toBeGreaterThan(5 + 15);
    expect(calls).toBeLessThanOrEqual(5 + 20);
    expect(leastPause).toBeGreaterThanOrEqual(30);
    expect(recoveredAt).toBeLessThanOrEqual(760);
  });

  it('control: without what was learned it is called each time', async () => {
    expect((await outage(new Isolate(false))).calls).toBe(600);
  });
});

describe('F12: a key that is refused', () => {
  async function refusedKey(bob: string) {
    const isolate = new Isolate();
    isolate.status = (tenantId) => (tenantId === ALICE ? 401 : 200);
    const served: (string | null)[] = [];
    for (let request = 0; request < 10; request++) served.push((await isolate.ask(ALICE)).served);
    const callsOfAlice = isolate.calls.length;
    isolate.status = () => 200;
    return { served, callsOfAlice, others: (await isolate.ask(bob)).served };
  }

  it('opens the circuit of its tenant alone', async () => {
    const { served, callsOfAlice, others } = await refusedKey(BOB);
    expect(new Set(served)).toEqual(new Set(['second']));
    expect(callsOfAlice).toBe(5);
    expect(others).toBe('first');
  });

  it('control: within the tenant it is noticed', async () => {
    expect((await refusedKey(ALICE)).others).toBe('second');
  });
});

describe('a provider that asks to be left alone', () => {
  it('is, from its first refusal on and for as long as it asks, while another one is there', async () => {
    const isolate = new Isolate();
    isolate.retryAfter = '7';
    isolate.status = () => 429;
    expect((await isolate.ask(ALICE)).served).toBe('second');
    isolate.now += 6_999;
    const { served, record } = await isolate.ask(ALICE);
    expect([served, record?.attempts, isolate.calls.length]).toEqual(['second', undefined, 1]);
    isolate.now += 1;
    isolate.status = () => 200;
    expect((await isolate.ask(ALICE)).served).toBe('first');
  });
});

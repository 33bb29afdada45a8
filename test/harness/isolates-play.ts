import { GateHealth } from '../../durable-objects/tenant-gate/gate-health.ts';
import type { RequestRecorded } from '../../shared/contracts/queues.ts';
import { ProviderHealth } from '../../workers/gateway/pipeline/provider-health.ts';
import { runRequest } from '../../workers/gateway/pipeline/run-request.ts';
import { pipelinePlay } from './pipeline-play.ts';
import { account, offer, POLICY_ID, policyWith, routingTenant } from './routing-tenant.ts';

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

interface PlayOptions {
  readonly isolates?: number;
  /** Whether isolates tell the tenant's gate of health, and hear of it. */
  readonly isShared?: boolean;
  /** Without it each request begins with no health at all. */
  readonly remembers?: boolean;
}

/** Requests of tenants through isolates of the real pipeline, one after the other, on a clock that is set. */
export class IsolatesPlay {
  now = START;
  /** What the first provider does with a call. */
  status: (tenantId: string) => number = () => 200;
  retryAfter: string | null = null;
  /** When the first provider was called, in seconds. */
  readonly calls: number[] = [];
  readonly #options: Required<PlayOptions>;
  readonly #isolates: ProviderHealth[];
  readonly #gates = new Map<string, GateHealth>();

  constructor({ isolates = 1, isShared = false, remembers = true }: PlayOptions = {}) {
    this.#options = { isolates, isShared, remembers };
    this.#isolates = Array.from({ length: isolates }, () => this.#newHealth());
  }

  /** Seconds since the beginning. */
  get second(): number {
    return (this.now - START) / 1_000;
  }

  set second(second: number) {
    this.now = START + second * 1_000;
  }

  /** The gates lose their memory, as when they are evicted. */
  forgetGates(): void {
    this.#gates.clear();
  }

  /** One request: its isolate asks the gate before, and tells it after. */
  async ask(tenantId: string, at = 0): Promise<{ served: string | null; record: RequestRecorded | undefined }> {
    const health = this.#options.remembers ? this.#healthAt(at) : this.#newHealth();
    const { input, played } = pipelinePlay({
      ...{ snapshot: tenant(tenantId), request: { routingPolicyId: POLICY_ID }, now: () => this.now, health },
      fetch: async (url) => {
        if (String(url).startsWith(SECOND)) return Response.json(ANSWER);
        this.calls.push(this.second);
        const headers = this.retryAfter === null ? {} : { 'retry-after': this.retryAfter };
        return Response.json(ANSWER, { status: this.status(tenantId), headers });
      },
      grants: () => {
        this.#exchange(tenantId, at, 'ask');
        return true;
      },
    });
    const result = await runRequest(input);
    await played.over();
    this.#exchange(tenantId, at, 'tell');
    return { served: result.ok ? result.value.response.model : null, record: played.records.at(-1) };
  }

  #exchange(tenantId: string, at: number, what: 'ask' | 'tell'): void {
    if (!this.#options.isShared) return;
    const exchange = this.#healthAt(at).exchangeOf(tenantId);
    const gate = this.#gates.get(tenantId) ?? new GateHealth(0, this.now);
    this.#gates.set(tenantId, gate);
    const health = what === 'ask' ? exchange.ask() : exchange.tell();
    const call = { leaseId: `lease of ${at}`, health };
    exchange.hear(gate.newsFor(call, this.now).health, this.now);
  }

  #healthAt(at: number): ProviderHealth {
    const health = this.#isolates[at % this.#options.isolates];
    if (!health) throw new Error('there is no isolate');
    return health;
  }

  #newHealth(): ProviderHealth {
    return new ProviderHealth(() => this.now);
  }
}

/** A request each second, one isolate after the other; the first provider fails from second 100 to second 700. */
export async function playOutage(play: IsolatesPlay, tenantId: string) {
  let failed = 0;
  let recoveredAt: number | null = null;
  for (let second = 0; second < 800; second++) {
    play.second = second;
    play.status = () => (second >= 100 && second < 700 ? 500 : 200);
    const { served } = await play.ask(tenantId, second);
    if (served === null) failed++;
    if (second >= 700 && served === 'first') recoveredAt ??= second;
  }
  const calls = play.calls.filter((second) => second >= 100 && second < 700);
  const pauses = calls.slice(5).map((second, index) => second - (calls[index + 4] ?? 0));
  return { failed, recoveredAt, calls: calls.length, leastPause: Math.min(...pauses) };
}

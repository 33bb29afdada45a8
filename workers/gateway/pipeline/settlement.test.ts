import { describe, expect, it, vi } from 'vitest';
import type { HoldCommand } from '../../../shared/contracts/rpc.ts';
import { tenantWith } from '../../../test/harness/admission-tenant.ts';
import { pipelinePlay } from '../../../test/harness/pipeline-play.ts';
import { routingTenant } from '../../../test/harness/routing-tenant.ts';
import type { AdmittedPlan } from './admit-request.ts';
import type { PipelineInput } from './pipeline-input.ts';
import { runRequest } from './run-request.ts';
import { type Ending, settlementOf } from './settlement.ts';

const BOUND = { inputTokens: 100, outputTokens: 50 };
const PRICES = [
  { kind: 'input', picoUsdPerUnit: '3', fromInputTokens: 0 },
  { kind: 'output', picoUsdPerUnit: '7', fromInputTokens: 0 },
];
/** The most that the request can cost: 100 x 3 + 50 x 7. */
const HELD = 650n;

const HOLD: HoldCommand = {
  ...{ requestId: 'r', environmentId: 'e', apiKeyId: 'k', provider: 'openai', model: 'm', taskType: 'chat' },
  ...{ amountPicoUsd: HELD.toString(), isPriced: true, bound: BOUND, priceVersion: 'v', startedAt: 1_000 },
  ...{ traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01', metadata: { feature: 'x' } },
};

function settle(ending: Partial<Ending>) {
  const error = vi.fn();
  // The parts of a plan and of an input that a settlement reads.
  const plan = {
    ...{ candidate: { offer: { components: PRICES } }, bound: BOUND, maxCostPicoUsd: HELD },
    admitted: { hold: HOLD, draws: [], isDurable: false },
  } as unknown as AdmittedPlan;
  const input = {
    ports: { now: () => 1_250 },
    startedAt: 1_000,
    failedCalls: [],
    logger: { error },
  } as unknown as PipelineInput;
  const bill: Ending['bill'] = { kind: 'unknown' };
  return { ...settlementOf(input, plan, { status: 'completed', errorCode: null, bill, ...ending }), error };
}

const used = (usage: Extract<Ending['bill'], { kind: 'used' }>['usage']) => ({
  bill: { kind: 'used', usage } as const,
});

describe('a request', () => {
  it.each([
    [true, false, [false]],
    [true, true, [true]],
    [false, false, [true]],
  ])(
    'that no provider was called for counts under no limit (no credentials: %s, called before: %s)',
    async (isClosed, isCalled, counted) => {
      const { input, played } = pipelinePlay({
        snapshot: tenantWith(routingTenant()),
        request: { providerPreferences: [{ provider: 'openai', model: 'small', weight: 1 }] },
        fetch: async () => new Response('', { status: 500 }),
      });
      if (isClosed) Object.assign(input.ports, { credentials: { open: () => Promise.reject(new Error('away')) } });
      if (isCalled)
        input.failedCalls.push({
          provider: 'openai',
          model: 'm',
          startedAt: 1,
          endedAt: 2,
          status: 'failed',
          errorCode: 'provider_error',
        });
      expect(await runRequest(input)).toMatchObject({ ok: false });
      await played.over();
      expect(played.used.map((used) => used.isCounted)).toEqual(counted);
      expect(played.records).toHaveLength(1);
    },
  );
});

describe('settlementOf', () => {
  it('prices what was used, and records what was held for, how it ended and how long it took', () => {
    const usage = { inputTokens: 10, outputTokens: 5 };
    const { costPicoUsd, record } = settle(used(usage));
    expect(costPicoUsd).toBe(65n);
    expect(record).toEqual({
      ...{
        type: 'request.recorded',
        requestId: 'r',
        environmentId: 'e',
        apiKeyId: 'k',
        provider: 'openai',
        model: 'm',
      },
      ...{ taskType: 'chat', priceVersion: 'v', startedAt: 1_000, endedAt: 1_250, latencyMs: 250 },
      ...{ traceId: '0af7651916cd43dd8448eb211c80319c', metadata: { feature: 'x' } },
      ...{ revision: 1, status: 'completed', errorCode: null, usage, costPicoUsd: '65' },
    });
  });

  it('bills what is not known at the hold, marked estimated, with what was assumed', () => {
    const { costPicoUsd, record } = settle({ status: 'failed', errorCode: 'provider_failed' });
    expect(costPicoUsd).toBeNull();
    expect(record).toMatchObject({
      ...{ status: 'estimated', errorCode: 'provider_failed', usage: BOUND, costPicoUsd: HELD.toString() },
    });
  });

  it.each([{ inputTokens: 10 }, { outputTokens: 5 }, {}])(
    'never takes a usage that lacks what the price needs for a smaller one: %o',
    (usage) => {
      const { costPicoUsd, record } = settle(used(usage));
      expect(costPicoUsd).toBeNull();
      expect(record).toMatchObject({ status: 'estimated', costPicoUsd: HELD.toString(), usage: BOUND });
    },
  );

  it('bills nothing for what nobody worked on', () => {
    const { costPicoUsd, record } = settle({ status: 'failed', bill: { kind: 'nothing' } });
    expect(costPicoUsd).toBe(0n);
    expect(record).toMatchObject({ status: 'failed', costPicoUsd: '0', usage: {} });
  });

  it('M3: bills an overrun at the hold and no more, keeps what was told, and reports that the bound is wrong', () => {
    const usage = { inputTokens: 100, outputTokens: 51 };
    const { costPicoUsd, record, error } = settle(used(usage));
    expect(costPicoUsd).toBe(HELD);
    expect(record).toMatchObject({ status: 'completed', usage, costPicoUsd: HELD.toString() });
    expect(error).toHaveBeenCalledExactlyOnceWith('cost.over_hold', expect.objectContaining({ toldCost: HELD + 7n }));
  });

  it('M3: bills exactly the hold without a word where exactly that was used', () => {
    const { costPicoUsd, error } = settle(used(BOUND));
    expect(costPicoUsd).toBe(HELD);
    expect(error).not.toHaveBeenCalled();
  });
});

import { expect, it, vi } from 'vitest';
import type { SettleCommand } from '../../../shared/contracts/rpc.ts';
import { createLogger } from '../../../shared/platform/logger.ts';
import { NO_SPANS } from '../../../shared/platform/spans.ts';
import { continueTrace } from '../../../shared/platform/trace-context.ts';
import { holdFor } from './hold-for.ts';
import type { PipelineInput } from './pipeline-input.ts';
import type { RequestPlan } from './plan-request.ts';
import { SettlementGatherer } from './settlement-gatherer.ts';

const PLAN = {
  environmentId: 'e',
  candidate: { offer: { provider: 'openai', model: 'm', components: [] } },
  bound: { inputTokens: 1, outputTokens: 1 },
  isPriced: true,
  maxCostPicoUsd: 5n,
} as unknown as RequestPlan;

function setUp(hold: () => Promise<unknown>) {
  const settled: SettleCommand[] = [];
  const gate = { hold: vi.fn(hold), settle: async (commands: SettleCommand[]) => void settled.push(...commands) };
  const work: Promise<unknown>[] = [];
  const input = {
    request: { taskType: 'chat', metadata: {} },
    tenant: {
      tenantId: 't',
      actor: { kind: 'api_key', apiKeyId: 'k' },
      snapshot: { configVersion: 1, priceVersion: 'v' },
    },
    requestId: 'r',
    startedAt: 0,
    trace: continueTrace(null),
    logger: createLogger({ service: 'test', level: 'error', write: () => {} }),
    logFields: {},
    ports: { gate: () => gate, settlements: new SettlementGatherer(() => gate), spans: NO_SPANS, now: () => 1 },
    waitUntil: (promise: Promise<unknown>) => void work.push(promise),
  } as unknown as PipelineInput;
  return { input, settled, work };
}

it('refuses when TenantGate cannot be reached, and releases a hold whose answer may have been lost', async () => {
  const { input, settled, work } = setUp(() => Promise.reject(new Error('connection lost')));
  expect(await holdFor(input, PLAN)).toMatchObject({ code: 'unavailable', retryAfterMs: expect.any(Number) });
  await Promise.all(work);
  expect(settled).toMatchObject([{ requestId: 'r', status: 'failed', costPicoUsd: '0' }]);
});

it('lets a request start that is held for, and settles nothing', async () => {
  const { input, settled, work } = setUp(async () => ({ result: { ok: true, value: { deadline: 9 } } }));
  expect(await holdFor(input, PLAN)).toBeNull();
  expect([settled, work]).toEqual([[], []]);
});

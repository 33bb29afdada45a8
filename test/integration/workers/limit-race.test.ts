import { runInDurableObject } from 'cloudflare:test';
import { describe, expect, it } from 'vitest';
import { tenantGate } from '../../../durable-objects/stubs.ts';
import type { Gate } from '../../harness/gate-tenant.ts';
import { mintGateTenant } from '../../harness/gate-tenant.ts';
import { judgeLimit, type LimitedAnswer } from '../../harness/judge-limit.ts';
import { testEnv } from '../../harness/mint-tenant.ts';

const REQUESTS = 1_500;
const LIMIT = { cap: 1_000, name: 'a thousand' };
const SERVED: LimitedAnswer = { status: 200, limitName: null, retryAfter: null };
const REFUSED: LimitedAnswer = { status: 429, limitName: LIMIT.name, retryAfter: '60' };

/** Asks all at once, as callers that do not know of each other. */
function askAll(ask: () => Promise<LimitedAnswer>): Promise<LimitedAnswer[]> {
  return Promise.all(Array.from({ length: REQUESTS }, ask));
}

/** A counter in a Durable Object that checks, then does something, then writes. */
function counter(gate: Gate, between: (() => Promise<unknown>) | null): () => Promise<LimitedAnswer> {
  return () =>
    runInDurableObject(gate, async (_object, { storage }) => {
      storage.sql.exec('CREATE TABLE IF NOT EXISTS count (n INTEGER NOT NULL)');
      const admitted = Number(storage.sql.exec('SELECT count(*) AS n FROM count').one().n);
      if (admitted >= LIMIT.cap) return REFUSED;
      if (between) await between();
      storage.sql.exec('INSERT INTO count (n) VALUES (1)');
      return SERVED;
    });
}

describe('a limit under callers at once', () => {
  it('lets exactly as many through as it says, at TenantGate itself', async () => {
    const to = await mintGateTenant();
    const configVersion = to.snapshot.configVersion + 1;
    const rule = { environmentId: null, apiKeyId: null, maxTokens: null, maxConcurrent: null, queueMs: 0 };
    const rateLimit = {
      ...{ ...rule, id: crypto.randomUUID(), name: LIMIT.name, maxRequests: LIMIT.cap },
      ...{ windowSeconds: 366 * 86_400, strategy: 'fixed-window' as const },
    };
    await to.gate.publish({ ...to.snapshot, configVersion, budgets: [], quota: null, rateLimits: [rateLimit] });
    const answers = await askAll(async () => {
      const request = { leaseId: crypto.randomUUID(), hold: to.hold(), knownConfigVersion: configVersion };
      const { decision } = await to.gate.hold(request);
      if (decision.kind === 'granted') return SERVED;
      const refusal = decision.kind === 'refused' ? decision.refusal : null;
      if (refusal?.reason !== 'limit_reached') return { ...REFUSED, status: 500 };
      const retryAfter = String(Math.ceil((refusal.retryAfterMs ?? 0) / 1000));
      return { status: 429, limitName: refusal.limit.name, retryAfter };
    });
    expect(judgeLimit(answers, LIMIT)).toEqual([]);
    expect(await to.gate.limits()).toMatchObject([{ cap: 1_000n, held: 1_000n, remaining: 0n }]);
  });

  it('L2: goes past its limit with a fetch between check and write, and the judge of L1 says so', async () => {
    const isCalled = () => fetch(`${testEnv.SCRIPTED_PROVIDER_URL}/control/call/none`).then((answer) => answer.text());
    const answers = await askAll(counter(tenantGate(testEnv, crypto.randomUUID()), isCalled));
    expect(judgeLimit(answers, LIMIT)).toEqual([expect.stringMatching(/^1\d{3} served, \d+ more than the limit$/)]);
  });

  it('L2 control: keeps its limit with nothing between', async () => {
    const answers = await askAll(counter(tenantGate(testEnv, crypto.randomUUID()), null));
    expect(judgeLimit(answers, LIMIT)).toEqual([]);
  });
});

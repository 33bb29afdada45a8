import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { HoldCommand, SettleCommand } from '../../contracts/rpc.ts';
import type { SnapshotBudget, TenantSnapshot } from '../../contracts/tenant-snapshot.ts';
import {
  type Counter,
  type CounterChange,
  type CounterKey,
  decideExpiry,
  decideHold,
  decideSettle,
  type Hold,
} from './hold.ts';

const NOW = Date.UTC(2026, 10, 18, 12);
const KEY_ID = 'a0000000-0000-4000-8000-000000000001';
const ENVIRONMENT_ID = 'a0000000-0000-4000-8000-000000000002';

function budget(amount: bigint, more: Partial<SnapshotBudget> = {}): SnapshotBudget {
  const id = more.id ?? 'b0000000-0000-4000-8000-000000000001';
  return { id, name: 'monthly', amountPicoUsd: amount.toString(), period: 'month', hardStop: true, scope: {}, ...more };
}

function tenantWith(budgets: SnapshotBudget[], more: Partial<TenantSnapshot> = {}): TenantSnapshot {
  return {
    v: 1,
    tenantId: 'a0000000-0000-4000-8000-000000000000',
    configVersion: 1,
    region: 'eu',
    status: 'active',
    plan: 'starter',
    environments: [],
    apiKeys: [{ id: KEY_ID, environmentId: ENVIRONMENT_ID, hash: 'hash', scopes: [] }],
    providerAccounts: [],
    budgets,
    routingPolicies: [],
    priceVersion: 'a0000000-0000-4000-8000-000000000003',
    models: [],
    ...more,
  };
}

function command(amount: bigint, more: Partial<HoldCommand> = {}): HoldCommand {
  return {
    requestId: crypto.randomUUID(),
    environmentId: ENVIRONMENT_ID,
    apiKeyId: KEY_ID,
    provider: 'openai',
    model: 'gpt-5-mini',
    taskType: 'chat',
    amountPicoUsd: amount.toString(),
    isPriced: true,
    bound: { inputTokens: 10, outputTokens: 20 },
    priceVersion: 'a0000000-0000-4000-8000-000000000003',
    startedAt: NOW,
    traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
    metadata: {},
    knownConfigVersion: 1,
    ...more,
  };
}

function settlement(requestId: string, cost: bigint | null): SettleCommand {
  const usage = { inputTokens: 1, outputTokens: 2 };
  const costPicoUsd = cost?.toString() ?? null;
  return { requestId, status: 'completed', errorCode: null, usage, costPicoUsd, latencyMs: 5, endedAt: NOW + 5 };
}

/** Counters as TenantGate keeps them, in memory. */
class Counters {
  readonly #values = new Map<string, Counter>();
  readonly read = ({ budgetId, periodStart }: CounterKey): Counter =>
    this.#values.get(`${budgetId}@${periodStart}`) ?? { spent: 0n, held: 0n };
  apply(changes: readonly CounterChange[]): void {
    for (const change of changes) {
      const { spent, held } = this.read(change);
      this.#values.set(`${change.budgetId}@${change.periodStart}`, {
        spent: spent + change.spent,
        held: held + change.held,
      });
    }
  }
  total(): Counter {
    return [...this.#values.values()].reduce(
      (sum, { spent, held }) => ({ spent: sum.spent + spent, held: sum.held + held }),
      { spent: 0n, held: 0n },
    );
  }
}

function grant(tenant: TenantSnapshot, counters: Counters, wanted: HoldCommand): Hold | null {
  const decision = decideHold(tenant, counters.read, wanted, NOW + 1000);
  if (!decision.ok) return null;
  counters.apply(decision.value.changes);
  return decision.value.hold;
}

describe('decideHold', () => {
  it('grants to the last pico-USD of a cap and refuses one more, telling spent from held', () => {
    const tenant = tenantWith([budget(100n)]);
    const counters = new Counters();
    const first = grant(tenant, counters, command(60n));
    if (!first) throw new Error('the first hold fits');
    counters.apply(decideSettle(first, settlement(first.command.requestId, 50n)).changes);
    expect(grant(tenant, counters, command(30n))).not.toBeNull();
    expect(grant(tenant, counters, command(20n))).not.toBeNull();
    expect(decideHold(tenant, counters.read, command(1n), NOW + 1000)).toEqual({
      ok: false,
      error: {
        reason: 'budget_exhausted',
        budgetId: tenant.budgets[0]?.id,
        budgetName: 'monthly',
        capPicoUsd: '100',
        spentPicoUsd: '50',
        heldPicoUsd: '50',
      },
    });
  });

  it('counts only budgets whose scope the request matches', () => {
    const tenant = tenantWith([
      budget(0n, { scope: { provider: 'anthropic' } }),
      budget(0n, { id: KEY_ID, scope: { model: 'gpt-4o' } }),
    ]);
    expect(grant(tenant, new Counters(), command(5n))?.counters).toEqual([]);
    expect(grant(tenant, new Counters(), command(5n, { model: 'gpt-4o' }))).toBeNull();
  });

  it('counts, but never refuses by, a budget without a hard stop', () => {
    const counters = new Counters();
    expect(grant(tenantWith([budget(1n, { hardStop: false })]), counters, command(5n))).not.toBeNull();
    expect(counters.total().held).toBe(5n);
  });

  it('refuses a model without a price where a hard stop applies, and only there', () => {
    const unpriced = command(0n, { isPriced: false });
    const refusal = (hardStop: boolean) =>
      decideHold(tenantWith([budget(9n, { hardStop })]), new Counters().read, unpriced, NOW);
    expect(refusal(true)).toEqual({ ok: false, error: { reason: 'unpriced_under_budget', budgetName: 'monthly' } });
    expect(refusal(false).ok).toBe(true);
  });

  it('starts each period anew', () => {
    const tenant = tenantWith([budget(10n, { period: 'day' })]);
    const counters = new Counters();
    expect(grant(tenant, counters, command(10n))).not.toBeNull();
    expect(grant(tenant, counters, command(1n))).toBeNull();
    expect(grant(tenant, counters, command(10n, { startedAt: NOW + 86_400_000 }))).not.toBeNull();
  });

  it('refuses a key that is no longer in the configuration, and a suspended tenant', () => {
    const refusal = (tenant: TenantSnapshot) => decideHold(tenant, new Counters().read, command(1n), NOW);
    expect(refusal(tenantWith([], { apiKeys: [] }))).toMatchObject({ error: { reason: 'key_revoked' } });
    expect(refusal(tenantWith([], { status: 'suspended' }))).toMatchObject({ error: { reason: 'tenant_suspended' } });
  });
});

describe('decideSettle and decideExpiry', () => {
  const held = (amount: bigint): Hold => ({
    command: command(amount),
    state: 'open',
    deadline: NOW,
    counters: [{ budgetId: 'b', periodStart: 0 }],
  });

  it('turns the hold into its cost, and releases the rest', () => {
    const { changes, event } = decideSettle(held(10n), settlement('r', 4n));
    expect(changes).toEqual([{ budgetId: 'b', periodStart: 0, spent: 4n, held: -10n }]);
    expect(event).toMatchObject({
      status: 'completed',
      costPicoUsd: '4',
      revision: 1,
      traceId: '0af7651916cd43dd8448eb211c80319c',
    });
  });

  it('bills the hold, marked estimated, when the usage is not known', () => {
    const { changes, event } = decideSettle(held(10n), settlement('r', null));
    expect(changes[0]).toMatchObject({ spent: 10n, held: -10n });
    expect(event).toMatchObject({
      status: 'estimated',
      costPicoUsd: '10',
      usage: { inputTokens: 10, outputTokens: 20 },
    });
  });

  it('bills what was counted, marked estimated, when a stream was cut', () => {
    const counted = { ...settlement('r', 6n), status: 'estimated' as const };
    const { changes, event } = decideSettle(held(10n), counted);
    expect(changes[0]).toMatchObject({ spent: 6n, held: -10n });
    expect(event).toMatchObject({ status: 'estimated', costPicoUsd: '6', usage: counted.usage });
  });

  it('corrects an expired hold when its settlement comes late', () => {
    const hold = held(10n);
    const expired = decideExpiry(hold, NOW);
    expect(expired.event).toMatchObject({ status: 'estimated', costPicoUsd: '10', revision: 1 });
    const late = decideSettle({ ...hold, state: 'estimated' }, settlement('r', 4n));
    expect(late.event).toMatchObject({ status: 'completed', costPicoUsd: '4', revision: 2 });
    const counters = new Counters();
    counters.apply([{ budgetId: 'b', periodStart: 0, spent: 0n, held: 10n }, ...expired.changes, ...late.changes]);
    expect(counters.total()).toEqual({ spent: 4n, held: 0n });
  });
});

describe('any sequence of holds, settlements and expiries', () => {
  const step = fc.record({
    amount: fc.bigInt({ min: 0n, max: 40n }),
    end: fc.constantFrom('open', 'settle', 'expire', 'late'),
    share: fc.bigInt({ min: 0n, max: 100n }),
  });

  /** Runs the steps and tells if spent + held ever passed the cap, and if what is left held is what is still open. */
  function run(cap: bigint, steps: { amount: bigint; end: string; share: bigint }[], guard = true) {
    const tenant = tenantWith([budget(cap, { hardStop: guard })]);
    const counters = new Counters();
    let open = 0n;
    let isWithinCap = true;
    for (const { amount, end, share } of steps) {
      const hold = grant(tenant, counters, command(amount));
      if (!hold) continue;
      const cost = (amount * share) / 100n;
      if (end === 'open') open += amount;
      if (end === 'settle') counters.apply(decideSettle(hold, settlement('r', cost)).changes);
      if (end === 'expire' || end === 'late') counters.apply(decideExpiry(hold, NOW).changes);
      if (end === 'late') counters.apply(decideSettle({ ...hold, state: 'estimated' }, settlement('r', cost)).changes);
      const { spent, held } = counters.total();
      isWithinCap &&= spent + held <= cap;
    }
    return { isWithinCap, isHeldExact: counters.total().held === open };
  }

  it('keeps spent + held within the cap and holds exactly what is open', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 300n }), fc.array(step, { maxLength: 60 }), (cap, steps) => {
        expect(run(cap, steps)).toEqual({ isWithinCap: true, isHeldExact: true });
      }),
      { numRuns: 500 },
    );
  });

  it('control: without the hard stop the same property is broken', () => {
    const property = fc.property(
      fc.bigInt({ min: 0n, max: 300n }),
      fc.array(step, { maxLength: 60 }),
      (cap, steps) => run(cap, steps, false).isWithinCap,
    );
    expect(fc.check(property, { numRuns: 500 }).failed).toBe(true);
  });
});

import { CANDIDATES_MAX } from '../../../shared/contracts/http/routing-strategy.ts';
import { STRATEGIES } from '../../../shared/contracts/routing-policy.ts';
import { compilePolicy } from '../../../shared/domain/routing/compile-policy.ts';
import { routeRequest } from '../../../shared/domain/routing/route-request.ts';
import type { Facts } from '../../harness/routing-tenant.ts';
import { account, chatFacts, offer, policyWith, routingTenant } from '../../harness/routing-tenant.ts';
import type { BenchRun, Findings, Scenario } from '../bench-run.ts';
import { describeLatencies } from '../load.ts';
import { writeTable } from '../table.ts';

const [DECISIONS, QUICK_DECISIONS] = [100_000, 20_000];
/** What a decision takes before its code is compiled is no decision's. */
const WARM_UP = 5_000;

/** What CPU a decision among as many candidates as a policy may have costs, by strategy: alone, in this process. */
export const routing: Scenario = { name: 'routing', run: measureRouting };

async function measureRouting({ isQuick, stop }: BenchRun): Promise<Findings> {
  const names = Array.from({ length: CANDIDATES_MAX }, (_, at) => `model-${at}`);
  const snapshot = routingTenant({
    providerAccounts: [account('openai', 'main', 'eu')],
    models: names.map((model, at) => offer('openai', model, 1 + (at % 7), 2 + (at % 11))),
  });
  const candidates = names.map((model, at) => ({ provider: 'openai', model, weight: 1 + (at % 5) }));
  const facts: Facts = chatFacts({
    performanceOf: ({ offer: { model } }) => ({ p50Ms: model.length, p95Ms: 2 * model.length, errorRate: 0 }),
  });
  const rows = STRATEGIES.map((strategy) => {
    stop.throwIfAborted();
    const sla = strategy === 'sla' ? { sla: { p95Ms: 100 } } : {};
    const policy = compilePolicy<Facts>(policyWith({ strategy, candidates, ...sla }), snapshot, () => () => true);
    const decide = (random: number) =>
      routeRequest({ preferred: [], policy, facts: { ...facts, random }, conditionFacts: facts });
    const times: number[] = [];
    for (let at = -WARM_UP; at < (isQuick ? QUICK_DECISIONS : DECISIONS); at++) {
      const before = process.cpuUsage(); // not by the clock: others have the machine too
      const { taken } = decide(Math.abs(at % 997) / 997);
      const { user, system } = process.cpuUsage(before);
      if (taken.length === 0) throw new Error(`${strategy} takes nobody`);
      if (at >= 0) times.push(user + system);
    }
    const { p50, p99 } = describeLatencies(times, 1);
    return { strategy, p50, p99 };
  });
  return {
    counts: { 'µs of a decision, p99': [Math.max(...rows.map(({ p99 }) => p99))] },
    details: rows,
    problems: [],
    tables: [
      writeTable(
        [`among ${CANDIDATES_MAX}`, 'p50 µs', 'p99 µs'],
        rows.map(({ strategy, p50, p99 }) => [strategy, p50.toFixed(1), p99.toFixed(1)]),
      ),
    ],
  };
}

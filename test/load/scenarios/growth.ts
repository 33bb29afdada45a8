import {
  type BenchRun,
  type Findings,
  findProblems,
  measureRounds,
  type Scenario,
  startTargets,
} from '../bench-run.ts';
import { SYNC } from '../loads.ts';
import { writeLoads } from '../report.ts';
import { sameShapeChat } from '../requests.ts';
import type { RuleSpec } from '../seed-tenants.ts';
import { PRODUCT_WORK_BEHIND_MS, startProduct, type Target } from '../targets.ts';

/** One size of what a deployment may have much of. */
interface Size {
  readonly name: string;
  readonly tenants: number;
  readonly keys: number;
  readonly rules: RuleSpec;
}

const USUAL = { tenants: 1, keys: 1, rules: { count: 1, isMatching: true } };
const MOST_ROUNDS = 4;
/** What the others are compared with: one tenant, which is busy. */
const BUSY_TENANT = '1 tenant, key and rule';
const SIZES: readonly Size[] = [
  { name: BUSY_TENANT, ...USUAL },
  { name: '100 tenants', ...USUAL, tenants: 100 },
  { name: '10,000 tenants, each quiet', ...USUAL, tenants: 10_000 },
  { name: '1,000 keys', ...USUAL, keys: 1_000 },
  { name: '10 rules', ...USUAL, rules: { count: 10, isMatching: true } },
  { name: '100 rules', ...USUAL, rules: { count: 100, isMatching: true } },
  { name: '100 rules for others', ...USUAL, rules: { count: 100, isMatching: false } },
];

/**
 * What a request costs when there is more of everything. Tenants and keys take turns, so that ten thousand tenants are
 * each as good as idle: nothing of theirs is in memory when their turn comes again.
 */
export const growth: Scenario = { name: 'growth', isLong: true, run: measureGrowth };

async function measureGrowth(run: BenchRun): Promise<Findings> {
  await using started = new AsyncDisposableStack();
  const targets: Target[] = [];
  for (const { name, tenants, keys, rules } of SIZES) {
    run.say(`· ${name}: writing configurations`);
    const specs = Array.from({ length: tenants }, () => ({ keys, rules }));
    const callers = (await run.context.createTenants(specs)).flat();
    targets.push({
      name,
      start: startProduct,
      workBehindMs: PRODUCT_WORK_BEHIND_MS,
      request: (pace) => sameShapeChat(pace, callers),
    });
  }
  const running = await startTargets(run, targets, started);
  const rows = await measureRounds(
    { ...run, rounds: Math.min(run.rounds, MOST_ROUNDS) },
    running.map((of) => ({ of, load: { ...SYNC, name: 'growth' } })),
  );
  return { rows, tables: writeLoads(rows, BUSY_TENANT), problems: findProblems(rows, running) };
}

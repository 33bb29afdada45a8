import {
  type BenchRun,
  type Findings,
  findProblems,
  measureRounds,
  type Scenario,
  startTargets,
} from '../bench-run.ts';
import { type Delivery, isHeldBack } from '../delivery.ts';
import type { LoadSpec } from '../loads.ts';
import { observeDelivery } from '../measure.ts';
import { writeDeliveries, writeLoads } from '../report.ts';
import { FLOOR, type Target } from '../targets.ts';
import { isStreamPace } from '../upstream-answers.ts';

/** The product beside the floor and beside Portkey, under the loads that its goals are about. */
export function sideBySide(targets: readonly Target[], loads: readonly LoadSpec[]): Scenario {
  return { name: 'side-by-side', run: (run) => compare(run, targets, loads) };
}

async function compare(run: BenchRun, targets: readonly Target[], loads: readonly LoadSpec[]): Promise<Findings> {
  await using started = new AsyncDisposableStack();
  const takes = (target: Target, load: LoadSpec) => target.takes?.(load) ?? true;
  const needed = targets.filter((target) => loads.some((load) => takes(target, load)));
  const running = await startTargets(run, needed, started);
  const deliveries: Record<string, Delivery> = {};
  for (const each of running) {
    run.stop.throwIfAborted();
    const hasStreams = loads.some((load) => isStreamPace(load.pace) && takes(each.target, load));
    if (hasStreams) deliveries[each.target.name] = await observeDelivery(each, run.context);
  }
  const jobs = loads.flatMap((load) => running.filter(({ target }) => takes(target, load)).map((of) => ({ of, load })));
  const rows = await measureRounds(run, jobs);
  const heldBack = Object.keys(deliveries).filter((name) => deliveries[name] && isHeldBack(deliveries[name]));
  return {
    ...{ rows, deliveries },
    tables: [...writeLoads(rows, FLOOR), ...(Object.keys(deliveries).length > 0 ? [writeDeliveries(deliveries)] : [])],
    problems: [...findProblems(rows, running), ...heldBack.map((name) => `${name} held its stream back`)],
  };
}

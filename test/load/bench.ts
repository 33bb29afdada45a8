import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { leash } from '../../scripts/dev/leash.ts';
import { stopSignal } from '../../scripts/dev/stop-signals.ts';
import { type BenchRun, type Findings, makeFolder } from './bench-run.ts';
import { startLoadDriver } from './children.ts';
import { prepareBench } from './context.ts';
import { GOALS } from './goals.ts';
import { LOADS } from './loads.ts';
import { judge, type Measured, type Verdict, writeVerdicts } from './report.ts';
import { events } from './scenarios/events.ts';
import { freshness } from './scenarios/freshness.ts';
import { growth } from './scenarios/growth.ts';
import { ledger } from './scenarios/ledger.ts';
import { outage } from './scenarios/outage.ts';
import { qlt002 } from './scenarios/qlt-002.ts';
import { routing } from './scenarios/routing.ts';
import { sideBySide } from './scenarios/side-by-side.ts';
import { tasks } from './scenarios/tasks.ts';
import { tenantGate } from './scenarios/tenant-gate.ts';
import { TARGETS } from './targets.ts';

const ROOT = join(import.meta.dirname, '../..');
const MEMORY_DISK = '/dev/shm';

const { values: options } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    rounds: { type: 'string' },
    seconds: { type: 'string' },
    scenario: { type: 'string' },
    only: { type: 'string' },
    loads: { type: 'string' },
    json: { type: 'string', default: join(ROOT, 'dist/bench.json') },
  },
});
const rounds = positive('rounds', options.rounds ?? (options.quick ? '3' : '7'));
const seconds = positive('seconds', options.seconds ?? (options.quick ? '0.6' : '2'));
const loads = chosen('loads', LOADS, options.loads).map((load) =>
  options.quick ? { ...load, warmUp: load.warmUp / 2 } : load,
);
const comparison = sideBySide(chosen('only', TARGETS, options.only), loads);
const isComparison = options.only !== undefined || options.loads !== undefined;
const scenarios = chosen(
  'scenario',
  [comparison, tenantGate, routing, growth, ledger, freshness, outage, tasks, events, qlt002],
  options.scenario ?? (isComparison ? comparison.name : undefined),
);

function chosen<T extends { readonly name: string; readonly isLong?: true }>(
  option: string,
  of: readonly T[],
  names?: string,
): readonly T[] {
  const pick = (name: string) => {
    const found = of.find((each) => each.name === name);
    if (found) return found;
    throw new Error(`--${option}: ${name} is none of ${of.map((each) => each.name).join(', ')}`);
  };
  return names?.split(',').map(pick) ?? of.filter(({ isLong }) => !(isLong && options.quick));
}

function positive(name: string, text: string): number {
  const value = Number(text);
  if (!(value > 0)) throw new Error(`--${name} is not a positive number: ${text}`);
  return value;
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** Runs the scenarios, writes what they found, and answers if all of it can be trusted. */
async function run(stop: AbortSignal): Promise<boolean> {
  await using started = new AsyncDisposableStack();
  const directory = mkdtempSync(join(existsSync(MEMORY_DISK) ? MEMORY_DISK : tmpdir(), 'eufm-bench-'));
  const release = leash(`rm -rf '${directory}'`); // however this process ends: it is memory
  started.defer(async () => {
    rmSync(directory, { recursive: true, force: true });
    await release();
  });
  say('· Building the Workers; starting the upstream and PostgreSQL');
  const context = await prepareBench(ROOT, directory, started);
  const driver = started.adopt(startLoadDriver(), (it) => it.close());
  const bench: BenchRun = { context, driver, stop, isQuick: options.quick, rounds, seconds, say };

  const found: (Findings & { readonly scenario: string })[] = [];
  for (const scenario of scenarios) {
    say(`· ${scenario.name}`);
    const directory = makeFolder(context, scenario.name);
    const findings = await scenario.run({ ...bench, context: { ...context, directory } });
    found.push({ scenario: scenario.name, ...findings });
    for (const table of findings.tables) say(`\n${table}`);
    say('');
  }
  const measured: Measured = {
    rows: found.flatMap(({ rows = [] }) => rows),
    deliveries: Object.assign({}, ...found.map(({ deliveries }) => deliveries)),
    counts: Object.assign({}, ...found.map(({ counts }) => counts)),
  };
  const verdicts = GOALS.map((goal) => judge(measured, goal));
  const judged = verdicts.filter(({ value }) => value !== null);
  if (judged.length > 0) say(`${writeVerdicts(judged)}\n`);
  if (judged.length < GOALS.length) say(`${GOALS.length - judged.length} goals were not measured.`);
  if (measured.rows.some(({ cpuMs }) => cpuMs === null)) say('CPU was not measured: that takes Linux.');
  for (const { scenario, problems } of found) for (const problem of problems) say(`FAILED: ${scenario}: ${problem}`);
  writeJson(measured, verdicts, found);
  return found.every(({ problems }) => problems.length === 0);
}

function writeJson(
  measured: Measured,
  verdicts: readonly Verdict[],
  found: readonly (Findings & { readonly scenario: string })[],
): void {
  const { platform, arch, version: node } = process;
  const machine = { platform, arch, node, cpus: cpus().length, cpu: cpus()[0]?.model };
  const scenarios = found.map(({ scenario, problems, details }) => ({ scenario, problems, details }));
  const content = { at: new Date().toISOString(), machine, verdicts, ...measured, scenarios };
  mkdirSync(dirname(options.json), { recursive: true });
  writeFileSync(options.json, `${JSON.stringify(content, null, 2)}\n`);
  say(`Every measurement: ${options.json}`);
}

const stop = stopSignal();
try {
  if (!(await run(stop))) process.exitCode = 1;
} catch (error) {
  if (!stop.aborted) throw error;
  process.exitCode = 130;
}

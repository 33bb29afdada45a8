import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { build } from 'esbuild';
import { buildAssets } from '../../scripts/build-assets.ts';
import { buildWorkers } from '../../scripts/dev/build-workers.ts';
import { stopSignal } from '../../scripts/dev/stop-signals.ts';
import { startLoadDriver, startUpstream } from './children.ts';
import { type Delivery, isHeldBack } from './delivery.ts';
import { amountFor, measure, observeDelivery, type Running } from './measure.ts';
import { judge, type Row, writeReport } from './report.ts';
import { type BenchContext, FLOOR, GOALS, LOADS, type LoadSpec, TARGETS } from './targets.ts';
import { createTenant } from './tenant.ts';

const ROOT = join(import.meta.dirname, '../..');
const MEMORY_DISK = '/dev/shm';
/** A line of the product's own log that tells of a failure, or workerd's word for one. */
const ERROR_LINE = /^(.*"level":"error".*|.*\bserviceException\b.*|\S+c\+\+:\d+: error: .*)$/gm;
const WORKERS = ['proxies', 'ledger-queue'];

const { values: options } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    rounds: { type: 'string' },
    seconds: { type: 'string' },
    only: { type: 'string' },
    json: { type: 'string', default: join(ROOT, 'dist/bench.json') },
  },
});
const rounds = positive('rounds', options.rounds ?? (options.quick ? '3' : '10'));
const seconds = positive('seconds', options.seconds ?? (options.quick ? '1.5' : '3'));
const chosen = options.only?.split(',') ?? TARGETS.map(({ name }) => name);
for (const name of chosen) {
  if (!TARGETS.some((target) => target.name === name)) throw new Error(`--only: there is no target ${name}`);
}

function positive(name: string, text: string): number {
  const value = Number(text);
  if (!(value > 0)) throw new Error(`--${name} is not a positive number: ${text}`);
  return value;
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** Measures every target in every round and answers if all that was measured can be trusted. */
async function run(stop: AbortSignal): Promise<boolean> {
  await using started = new AsyncDisposableStack();
  const directory = mkdtempSync(join(existsSync(MEMORY_DISK) ? MEMORY_DISK : tmpdir(), 'eufm-bench-'));
  started.defer(() => rmSync(directory, { recursive: true, force: true }));
  const context = await prepare(directory, started);
  const driver = startLoadDriver();
  started.defer(() => driver.close());

  const running = await startTargets(context, started);
  const deliveries: Record<string, Delivery> = {};
  const jobs: { readonly of: Running; readonly load: LoadSpec; readonly amount: number }[] = [];
  for (const of of running) {
    stop.throwIfAborted();
    deliveries[of.target.name] = await observeDelivery(of, context);
    for (const load of LOADS) jobs.push({ of, load, amount: await amountFor(driver, of, context, load, seconds) });
  }

  const rows: Row[] = [];
  for (let round = 1; round <= rounds; round++) {
    for (const { of, load, amount } of shuffled(jobs)) {
      stop.throwIfAborted();
      const row: Row = {
        ...{ round, target: of.target.name, load: load.name },
        ...(await measure(driver, of, context, { ...load, amount })),
      };
      rows.push(row);
    }
    say(`· round ${round} of ${rounds}`);
  }
  const ordered = jobs.flatMap(({ of, load }) =>
    rows.filter((row) => row.target === of.target.name && row.load === load.name),
  );
  say(`\n${writeReport(ordered, deliveries, GOALS, FLOOR)}\n`);
  if (rows.some(({ cpuMs }) => cpuMs === null)) say('CPU was not measured: that takes Linux. Its goals are open.');
  const problems = [
    ...rows.filter(({ failed }) => failed > 0).map((row) => `${row.target} failed ${row.failed} requests`),
    ...running.flatMap(({ target, server }) => {
      const errors = server.log().match(ERROR_LINE) ?? [];
      return errors.length === 0 ? [] : [`${target.name} logged ${errors.length} errors, first: ${errors[0]}`];
    }),
    ...Object.entries(deliveries).flatMap(([name, it]) => (isHeldBack(it) ? [`${name} held its stream back`] : [])),
  ];
  for (const problem of problems) say(`FAILED: ${problem}`);
  writeJson({ rows, deliveries, problems });
  return problems.length === 0;
}

/** Builds the Workers and starts what they need: the upstream and a database with a tenant. */
async function prepare(directory: string, started: AsyncDisposableStack): Promise<BenchContext> {
  const buildDir = join(directory, 'build');
  say('· Building the Workers; starting the upstream and PostgreSQL');
  buildAssets();
  const upstream = started.adopt(await startUpstream(), (it) => it.close());
  await buildWorkers(ROOT, buildDir);
  await build({
    entryPoints: WORKERS.map((name) => join(import.meta.dirname, 'workers', `${name}.ts`)),
    ...{ outdir: buildDir, bundle: true, format: 'esm', target: 'es2024', logLevel: 'error' },
    external: ['cloudflare:*'],
  });
  const tenant = started.adopt(await createTenant(ROOT, directory, upstream.url), (it) => it.close());
  return { root: ROOT, buildDir, directory, upstreamUrl: upstream.url, tenant };
}

async function startTargets(context: BenchContext, started: AsyncDisposableStack): Promise<Running[]> {
  const running: Running[] = [];
  for (const target of TARGETS) {
    if (!chosen.includes(target.name)) continue;
    const directory = join(context.directory, target.name);
    mkdirSync(directory);
    const server = await target.start(context, directory);
    if (!server) {
      say(`· ${target.name} is left out: its package is not installed (see test/load/README.md)`);
      continue;
    }
    started.defer(() => server.close());
    running.push({ target, server });
  }
  return running;
}

function shuffled<T>(items: readonly T[]): T[] {
  return items
    .map((item) => ({ item, place: Math.random() }))
    .toSorted((a, b) => a.place - b.place)
    .map(({ item }) => item);
}

function writeJson(measured: {
  readonly rows: readonly Row[];
  readonly deliveries: Readonly<Record<string, Delivery>>;
  readonly problems: readonly string[];
}): void {
  const { platform, arch, version: node } = process;
  const machine = { platform, arch, node, cpus: cpus().length, cpu: cpus()[0]?.model };
  const verdicts = GOALS.map((goal) => judge(measured.rows, measured.deliveries, goal));
  mkdirSync(dirname(options.json), { recursive: true });
  writeFileSync(
    options.json,
    `${JSON.stringify({ at: new Date().toISOString(), machine, verdicts, ...measured }, null, 2)}\n`,
  );
  say(`Every measurement: ${options.json}`);
}

const stop = stopSignal();
try {
  if (!(await run(stop))) process.exitCode = 1;
} catch (error) {
  if (!stop.aborted) throw error;
  process.exitCode = 130;
}

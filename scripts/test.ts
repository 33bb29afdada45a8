import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { PROJECTS } from '../vitest.config.ts';
import { stopSignal } from './dev/stop-signals.ts';

interface Outcome {
  readonly passed: number;
  readonly failed: number;
  /** What the step printed. */
  readonly output: string;
}

interface Step {
  readonly name: string;
  readonly run: () => Promise<Outcome>;
}

const ROOT = join(import.meta.dirname, '..');
const BIN = join(ROOT, 'node_modules/.bin');

const stop = stopSignal();
const reports = mkdtempSync(join(tmpdir(), 'eufm-reports-'));

/** Runs beside `e2e`: either of them waits more than it works. */
const BESIDE_E2E = 'schedule';

/** `npm test`: every check, one after another but for the last two, whatever the others say. The last line is the count. */
async function main(): Promise<void> {
  const total = { passed: 0, failed: 0 };
  const run = async (step: Step) => {
    const { passed, failed } = await report(step);
    total.passed += passed;
    total.failed += failed;
  };
  const suites = PROJECTS.map(({ test }) => suite(test.name));
  const atOnce = suites.filter(({ name }) => name === BESIDE_E2E || name === 'e2e');
  const inTurn = suites.filter((step) => !atOnce.includes(step));
  for (const step of [check('format and lint', 'biome', 'ci', '--colors=off'), check('types', 'tsc'), ...inTurn]) {
    await run(step);
  }
  await Promise.all(atOnce.map(run));
  if (stop.aborted) return;
  console.log(`${total.passed} passed, ${total.failed} failed`);
  if (total.failed === 0) process.exitCode = 0;
}

/** Runs a step and tells how it ended, with all that it printed when it failed. */
async function report({ name, run }: Step): Promise<Pick<Outcome, 'passed' | 'failed'>> {
  const startedAt = performance.now();
  const { passed, failed, output } = await run();
  if (stop.aborted) return { passed: 0, failed: 0 };
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  const outcome = failed > 0 ? 'FAILED' : 'ok';
  console.log(`${name.padEnd(16)} ${outcome}  ${passed} passed, ${failed} failed  (${seconds} s)`);
  if (failed > 0) console.log(`\n${output.trimEnd()}\n`);
  return { passed, failed };
}

/** A command that passes or fails as a whole. */
function check(name: string, command: string, ...args: string[]): Step {
  return {
    name,
    run: async () => {
      const { isOk, output } = await execute(command, args);
      return isOk ? { passed: 1, failed: 0, output } : { passed: 0, failed: 1, output };
    },
  };
}

/** A project of vitest.config.ts. One that ran no test has failed, and so has one that broke outside its tests. */
function suite(name: string): Step {
  const report = join(reports, `${name}.json`);
  const args = ['run', '--project', name, '--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
  return {
    name,
    run: async () => {
      const { isOk, output } = await execute('vitest', args);
      const { numPassedTests: passed, numFailedTests: failed } = readReport(report);
      const isClean = isOk && passed > 0;
      return { passed, failed: isClean ? failed : Math.max(failed, 1), output };
    },
  };
}

function readReport(file: string): { numPassedTests: number; numFailedTests: number } {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return { numPassedTests: 0, numFailedTests: 0 }; // vitest ended before it could write one
  }
}

async function execute(command: string, args: readonly string[]): Promise<{ isOk: boolean; output: string }> {
  const child = spawn(command, args, {
    cwd: ROOT,
    env: { ...process.env, PATH: `${BIN}${delimiter}${process.env.PATH}`, NO_COLOR: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
    signal: stop,
  });
  const ended = new Promise<boolean>((resolve) => {
    child.once('error', () => resolve(false));
    child.once('close', (code) => resolve(code === 0));
  });
  const [out, errors, isOk] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  return { isOk, output: `${out}${errors}` };
}

process.exitCode = 1;
try {
  await main();
} finally {
  rmSync(reports, { recursive: true, force: true });
}

import { mkdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { bundlePortkey, PORTKEY_COMPATIBILITY } from './portkey.ts';
import { productScripts } from './product-scripts.ts';
import type { Goal } from './report.ts';
import { type BenchRequest, openaiStream, orchestrateStream, sameShapeStream } from './requests.ts';
import type { BenchTenant } from './tenant.ts';
import { EVENT_GAP_MS, type Pace } from './upstream-answers.ts';
import { type ServerProcess, startWorkerd } from './workerd-process.ts';

/** What the targets are started with. */
export interface BenchContext {
  readonly root: string;
  /** Bundles of the product's scripts, and of the benchmark's own Workers. */
  readonly buildDir: string;
  /** Folder of the run; each target has one of its own in it. */
  readonly directory: string;
  readonly upstreamUrl: string;
  readonly tenant: BenchTenant;
}

/** Something to put load on. */
export interface Target {
  readonly name: string;
  /** Null: its package is not installed. */
  start(context: BenchContext, directory: string): Promise<ServerProcess | null>;
  request(pace: Pace, context: BenchContext): BenchRequest;
  /** Words that end every whole answer. */
  readonly expected: string;
}

/** The target that ratios are taken over. */
export const FLOOR = 'floor';

const DONE = 'data: [DONE]\n\n';

export const TARGETS: readonly Target[] = [
  { name: FLOOR, start: startProxy('floor'), request: (pace) => openaiStream(pace), expected: DONE },
  { name: 'chunk-proxy', start: startProxy('chunkProxy'), request: (pace) => openaiStream(pace), expected: DONE },
  {
    name: 'portkey',
    start: startPortkey,
    request: (pace, { upstreamUrl }) =>
      openaiStream(pace, { 'x-portkey-provider': 'openai', 'x-portkey-custom-host': `${upstreamUrl}/v1` }),
    expected: DONE,
  },
  {
    name: 'same-shape',
    start: startProduct,
    request: (pace, { tenant }) => sameShapeStream(pace, tenant),
    expected: DONE,
  },
  {
    name: 'translated',
    start: startProduct,
    request: (pace, { tenant }) => orchestrateStream(pace, tenant),
    expected: 'event: completed\n',
  },
];

/** What is put on a target. */
export interface LoadSpec {
  readonly name: string;
  readonly connections: number;
  readonly pace: Pace;
}

const BURST: LoadSpec = { name: '16 connections', connections: 16, pace: 'burst' };
const PACED: LoadSpec = { name: `16, ${EVENT_GAP_MS} ms between events`, connections: 16, pace: 'paced' };

export const LOADS: readonly LoadSpec[] = [BURST, PACED];

export const GOALS: readonly Goal[] = LOADS.flatMap(({ name: load }) => [
  {
    ...{ id: 'P6', what: 'same-shape stream, metered, every event at once: CPU over the floor' },
    ...{ measure: 'cpuMs', target: 'same-shape', over: FLOOR, load, most: 1.75, isDelivered: true },
  },
  {
    ...{ id: 'P7', what: 'translated stream: CPU over Portkey on workerd, which only passes on' },
    ...{ measure: 'cpuMs', target: 'translated', over: 'portkey', load, most: 0.85 },
  },
  {
    ...{ id: 'P7', what: 'the same over its stand-in, which does less than Portkey' },
    ...{ measure: 'cpuMs', target: 'translated', over: 'chunk-proxy', load, most: 0.85 },
  },
]);

function startProxy(entrypoint: string): Target['start'] {
  return (context, directory) => {
    const compatibility = PORTKEY_COMPATIBILITY;
    return startScript(context, directory, join(context.buildDir, 'proxies.js'), entrypoint, compatibility);
  };
}

async function startPortkey(context: BenchContext, directory: string): Promise<ServerProcess | null> {
  const module = await bundlePortkey(directory);
  return module === null ? null : startScript(context, directory, module, 'portkey', PORTKEY_COMPATIBILITY);
}

/** One Worker that knows nothing but the upstream. */
function startScript(
  { upstreamUrl }: BenchContext,
  directory: string,
  module: string,
  entrypoint: string,
  compatibility: typeof PORTKEY_COMPATIBILITY,
): Promise<ServerProcess> {
  const bindings = [{ name: 'UPSTREAM', text: upstreamUrl }];
  return startWorkerd(directory, {
    scripts: [{ name: 'main', module: relative(directory, module), ...compatibility, bindings }],
    entry: { service: 'main', entrypoint },
  });
}

function startProduct({ root, buildDir, tenant }: BenchContext, directory: string): Promise<ServerProcess> {
  const storage = join(directory, 'storage');
  mkdirSync(storage);
  return startWorkerd(directory, {
    scripts: productScripts({ root, buildDir, directory, bindings: tenant.bindings }),
    entry: { service: 'eufm-gateway' },
    storage,
  });
}

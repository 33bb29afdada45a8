import { mkdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import type { BenchContext } from './context.ts';
import type { LoadSpec } from './loads.ts';
import { bundlePortkey, PORTKEY_COMPATIBILITY, startPortkeyNode } from './portkey.ts';
import { productScripts } from './product-scripts.ts';
import { type BenchRequest, openaiChat, orchestrateChat, sameShapeChat } from './requests.ts';
import type { ServerProcess } from './server-process.ts';
import { isStreamPace, type Pace } from './upstream-answers.ts';
import type { WorkerScript } from './workerd-config.ts';
import { startWorkerd, type WorkerdProcess } from './workerd-process.ts';

/** Something to put load on. */
export interface Target {
  readonly name: string;
  /** Null: its package is not installed. */
  start(context: BenchContext, directory: string): Promise<ServerProcess | null>;
  request(pace: Pace, context: BenchContext): BenchRequest;
  /** How long what it does behind its last answer takes, where that is more than connections that end. */
  readonly workBehindMs?: number;
  /** Whether this load says something about this target. */
  takes?(load: LoadSpec): boolean;
}

/** What ended is told, the outbox drains half a second later, and the queue and the hub gather for a second. */
export const PRODUCT_WORK_BEHIND_MS = 2_000;

/** The target that ratios are taken over. */
export const FLOOR = 'floor';
export const PORTKEY = 'portkey';
export const PORTKEY_NODE = 'portkey-node';
export const PORTKEY_STAND_IN = 'chunk-proxy';
export const SAME_SHAPE = 'same-shape';
export const ORCHESTRATE = 'orchestrate';

export const TARGETS: readonly Target[] = [
  { name: FLOOR, start: startProxy('floor'), request: (pace) => openaiChat(pace) },
  {
    name: 'bare',
    start: startProxy('bare'),
    request: (pace) => openaiChat(pace),
    takes: ({ pace }) => !isStreamPace(pace),
  },
  {
    name: 'runtime-calls',
    start: startProxy('runtimeCalls'),
    request: (pace) => openaiChat(pace),
  },
  {
    name: PORTKEY_STAND_IN,
    start: startProxy('chunkProxy'),
    request: (pace) => openaiChat(pace),
    takes: ({ pace }) => isStreamPace(pace),
  },
  { name: PORTKEY, start: startPortkey, request: portkeyChat },
  {
    name: PORTKEY_NODE,
    start: (_context, directory) => startPortkeyNode(directory),
    request: portkeyChat,
    takes: ({ pace }) => !isStreamPace(pace),
  },
  {
    ...{ name: SAME_SHAPE, start: startProduct, workBehindMs: PRODUCT_WORK_BEHIND_MS },
    request: (pace, { tenant }) => sameShapeChat(pace, [tenant]),
  },
  {
    ...{ name: ORCHESTRATE, start: startProduct, workBehindMs: PRODUCT_WORK_BEHIND_MS },
    request: (pace, { tenant }) => orchestrateChat(pace, [tenant]),
  },
];

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

function portkeyChat(pace: Pace, { upstream }: BenchContext): BenchRequest {
  return openaiChat(pace, { 'x-portkey-provider': 'openai', 'x-portkey-custom-host': `${upstream.url}/v1` });
}

/** One Worker that knows nothing but the upstream. */
function startScript(
  { upstream }: BenchContext,
  directory: string,
  module: string,
  entrypoint: string,
  compatibility: typeof PORTKEY_COMPATIBILITY,
): Promise<ServerProcess> {
  const bindings = [{ name: 'UPSTREAM', text: upstream.url }];
  return startWorkerd(directory, {
    scripts: [{ name: 'main', module: relative(directory, module), ...compatibility, bindings }],
    sockets: { http: { service: 'main', entrypoint } },
  });
}

/** Gateway, providers and state in one process, with storage of its own. */
export function startProduct({ root, buildDir, database }: BenchContext, directory: string): Promise<ServerProcess> {
  const { bindings } = database;
  return startWorkerd(directory, {
    scripts: productScripts({ root, buildDir, directory, bindings }),
    sockets: { http: { service: 'eufm-gateway' } },
    storage: makeStorage(directory),
  });
}

/** The same, but its TenantGates count what they do, which the socket `counts` tells: workers/counting-state.ts. */
export function startCountingProduct(context: BenchContext, directory: string): Promise<WorkerdProcess> {
  const { root, buildDir, database } = context;
  const modules = { 'eufm-state': join(buildDir, 'counting-state.js') };
  return startWorkerd(directory, {
    scripts: productScripts({ root, buildDir, directory, bindings: database.bindings, modules }),
    sockets: { http: { service: 'eufm-gateway' }, counts: { service: 'eufm-state', entrypoint: 'counts' } },
    storage: makeStorage(directory),
  });
}

/** The same, with readers of events beside it, which the socket `readers` opens and asks: workers/inner-readers.ts. */
export function startWithReaders(
  { root, buildDir, database }: BenchContext,
  directory: string,
): Promise<WorkerdProcess> {
  const { bindings } = database;
  const readers: WorkerScript = {
    name: 'inner-readers',
    module: relative(directory, join(buildDir, 'inner-readers.js')),
    ...{ compatibilityDate: '2026-10-01', compatibilityFlags: [] },
    bindings: [{ name: 'GATEWAY', service: 'eufm-gateway' }],
  };
  return startWorkerd(directory, {
    scripts: [...productScripts({ root, buildDir, directory, bindings }), readers],
    sockets: { http: { service: 'eufm-gateway' }, readers: { service: readers.name, entrypoint: 'readers' } },
    storage: makeStorage(directory),
  });
}

/**
 * Gateway, providers, state and ledger in one process; the queue's stand-in hands over to the ledger. With a `tail`, all are
 * told to it while they run, and it answers at a socket of its name.
 */
export function startWithLedger(
  { root, buildDir, database }: Pick<BenchContext, 'root' | 'buildDir' | 'database'>,
  directory: string,
  tail: WorkerScript | null = null,
): Promise<WorkerdProcess> {
  const names = ['eufm-gateway', 'eufm-providers', 'eufm-state', 'eufm-ledger'] as const;
  const scripts = productScripts({ root, buildDir, directory, bindings: database.bindings }, names);
  return startWorkerd(directory, {
    scripts: [
      ...scripts.map((script) => ({
        ...script,
        bindings: script.bindings.map((binding) =>
          binding.name === 'CONSUMER' ? { name: 'CONSUMER', service: 'eufm-ledger' } : binding,
        ),
        streamingTails: tail ? [tail.name] : [],
      })),
      ...(tail ? [tail] : []),
    ],
    sockets: { http: { service: 'eufm-gateway' }, ...(tail && { [tail.name]: { service: tail.name } }) },
    storage: makeStorage(directory),
  });
}

/** A folder for Durable Objects' storage; what one that is there holds is kept. */
export function makeStorage(directory: string): string {
  const storage = join(directory, 'storage');
  mkdirSync(storage, { recursive: true });
  return storage;
}

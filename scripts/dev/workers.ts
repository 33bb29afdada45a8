import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { connect } from 'node:net';
import { basename, extname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { convertV4MiniflareOptions, Miniflare, type V4ModuleDefinition, type V4WorkerOptions } from 'miniflare';
import { unstable_getMiniflareWorkerOptions, unstable_readConfig } from 'wrangler';
import { WORKER_CONFIGS, WORKER_NAMES, type WorkerName } from './build-workers.ts';
import { leash } from './leash.ts';
import { STOP_SIGNALS } from './stop-signals.ts';
import type { Workerd } from './workerd.ts';

const HOST = '127.0.0.1';
/** How long requests in flight may take when the product stops. */
const DRAIN_MS = 10_000;
/** How long work behind an answer (`waitUntil`) may take when the product stops: settling takes tens of milliseconds. */
const SETTLE_MS = 1_000;
/** A deployment's schedule comes each minute; here people wait for it. */
const SCHEDULE_INTERVAL_MS = 10_000;
const MODULE_TYPES: Readonly<Record<string, V4ModuleDefinition['type']>> = {
  '.js': 'ESModule',
  '.mjs': 'ESModule',
  '.wasm': 'CompiledWasm',
  '.txt': 'Text',
  '.html': 'Text',
  '.sql': 'Text',
  '.bin': 'Data',
};

export interface WorkersOptions {
  readonly root: string;
  /** Where `buildWorkers` put the bundles. */
  readonly buildDir: string;
  /** Durable Object storage, kept over restarts. */
  readonly stateDir: string;
  readonly workerd: Workerd;
  readonly port: number;
  /** Vars and secrets of each script, over those in its wrangler.toml. */
  readonly bindings: Readonly<Record<WorkerName, Readonly<Record<string, string>>>>;
  /** Takes what the Workers write to their console. */
  readonly log: (line: string) => void;
}

export interface Workers {
  /** Runs the ledger's schedule now, and then every ten seconds: a local workerd fires no cron trigger. */
  startSchedule(): Promise<void>;
  /** Stops listening, lets what is in flight finish for up to 10 s, then ends workerd. */
  close(): Promise<void>;
}

/**
 * Runs the four scripts in one workerd, composed as their wrangler.toml files say. The gateway listens on `port` itself,
 * with nothing of Miniflare in front. A workerd that dies is started again. Queues are kept in memory only.
 */
export async function startWorkers(options: WorkersOptions): Promise<Workers> {
  const { workerd } = options;
  const release = leash(workerd.killCommand);
  process.env.MINIFLARE_WORKERD_PATH = workerd.launcher;
  process.env.WRANGLER_LOG = 'error'; // it announces the .dev.vars that it reads, which are dropped below
  const ourListeners = new Set(STOP_SIGNALS.flatMap((signal) => process.listeners(signal)));
  const miniflare = new Miniflare(
    convertV4MiniflareOptions({
      workers: WORKER_NAMES.map((name) => optionsOf(name, options)),
      host: HOST,
      port: 0,
      cf: false,
      resourcePersistencePath: options.stateDir,
      logRequests: false,
      handleStructuredLogs: ({ message }) => options.log(message),
      unsafeHandleRuntimeRestart: () => options.log('workerd died and was started again.'),
    }),
  );
  // On a signal Miniflare kills workerd and exits the process. How this one ends is for its start script to say.
  for (const signal of STOP_SIGNALS) {
    for (const listener of process.listeners(signal)) if (!ourListeners.has(listener)) process.off(signal, listener);
  }
  let schedule: NodeJS.Timeout | undefined;
  const runSchedule = async () => {
    try {
      const ledger = await miniflare.getWorker('eufm-ledger');
      await ledger.scheduled({ scheduledTime: new Date(), cron: '* * * * *' });
    } catch (error) {
      options.log(`The ledger's schedule did not run: ${(error as Error).message}`);
    }
  };
  const close = async () => {
    clearInterval(schedule);
    const letGo = await holdOpen(options.port);
    const ended = workerd.end(DRAIN_MS);
    await sleep(SETTLE_MS);
    letGo();
    await ended;
    await miniflare.dispose();
    await release();
  };
  try {
    await miniflare.ready;
  } catch (error) {
    await close().catch(() => {});
    throw error;
  }
  return {
    startSchedule() {
      schedule = setInterval(runSchedule, SCHEDULE_INTERVAL_MS);
      return runSchedule();
    },
    close,
  };
}

/**
 * Begins a request and leaves it unfinished. A workerd that was told to stop exits with its last request, whatever
 * `waitUntil` still waits for; this request keeps it until the answer's function is called.
 */
async function holdOpen(port: number): Promise<() => void> {
  const socket = connect(port, HOST);
  socket.on('error', () => {});
  await Promise.race([once(socket, 'connect'), once(socket, 'close')]).catch(() => {});
  socket.write('GET / HTTP/1.1\r\n');
  await sleep(20);
  return () => socket.destroy();
}

function optionsOf(name: WorkerName, options: WorkersOptions): V4WorkerOptions {
  const config = unstable_readConfig({ config: join(options.root, WORKER_CONFIGS[name]), env: '' });
  const { workerOptions, main = '' } = unstable_getMiniflareWorkerOptions({ ...config, secrets: undefined }, '');
  const { modulesRules: _, ...fromConfig } = workerOptions; // for sources; a bundle has every module under its own name
  const directory = join(options.buildDir, name);
  return {
    ...fromConfig,
    name,
    modulesRoot: directory,
    modules: bundledModules(directory, `${basename(main, extname(main))}.js`),
    bindings: { ...config.vars, ...options.bindings[name] }, // wrangler's would hold all of .dev.vars
    ...(name === 'eufm-gateway' && { unsafeDirectSockets: [{ host: HOST, port: options.port }] }),
  };
}

/** Every module of a bundle, the entry first, as Miniflare wants it. */
function bundledModules(directory: string, entry: string): V4ModuleDefinition[] {
  const others = readdirSync(directory).filter((file) => file !== entry);
  return [entry, ...others].flatMap((file) => {
    const type = MODULE_TYPES[extname(file)];
    return type ? [{ type, path: join(directory, file) }] : [];
  });
}

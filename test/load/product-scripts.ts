import { readFileSync } from 'node:fs';
import { basename, extname, join, relative } from 'node:path';
import { parse } from 'smol-toml';
import * as z from 'zod';
import { WORKER_CONFIGS, type WorkerName } from '../../scripts/dev/build-workers.ts';
import type { Binding, WorkerScript } from './workerd-config.ts';

/** The scripts that a request touches. `eufm-ledger` is played by the queue's stand-in. */
const ON_THE_PATH = ['eufm-gateway', 'eufm-providers', 'eufm-state'] as const satisfies readonly WorkerName[];
/** The queue's stand-in: workers/ledger-queue.ts. */
const QUEUE = 'ledger-queue';

const wranglerConfig = z.object({
  main: z.string(),
  compatibility_date: z.string(),
  compatibility_flags: z.array(z.string()).default([]),
  vars: z.record(z.string(), z.string()).default({}),
  services: z.array(z.object({ binding: z.string(), service: z.string(), entrypoint: z.string() })).default([]),
  durable_objects: z
    .object({
      bindings: z.array(z.object({ name: z.string(), class_name: z.string(), script_name: z.string().optional() })),
    })
    .prefault({ bindings: [] }),
  queues: z
    .object({
      producers: z.array(z.object({ binding: z.string() })).default([]),
      consumers: z
        .array(z.object({ queue: z.string(), max_batch_size: z.int(), max_batch_timeout: z.number() }))
        .default([]),
    })
    .prefault({}),
  migrations: z.array(z.object({ new_sqlite_classes: z.array(z.string()).default([]) })).default([]),
});

export interface ProductScriptsOptions {
  readonly root: string;
  /** Where the bundles are: the product's each in a folder of its name, and the queue's stand-in. */
  readonly buildDir: string;
  /** Where the configuration file will be. */
  readonly directory: string;
  /** Vars and secrets of each script, over those in its wrangler.toml. */
  readonly bindings: Readonly<Record<WorkerName, Readonly<Record<string, string>>>>;
  /** Bundles to run in place of the product's. */
  readonly modules?: Partial<Readonly<Record<WorkerName, string>>>;
}

/**
 * Scripts of the product for one workerd process, wired as their wrangler.toml say. Static assets are left out, and so are
 * bindings to scripts that do not run: no request of the benchmark's calls those.
 */
export function productScripts(
  options: ProductScriptsOptions,
  names: readonly WorkerName[] = ON_THE_PATH,
): WorkerScript[] {
  const queue: WorkerScript = {
    name: QUEUE,
    module: relative(options.directory, join(options.buildDir, `${QUEUE}.js`)),
    compatibilityDate: '2026-10-01',
    compatibilityFlags: ['experimental', 'service_binding_extra_handlers', 'nodejs_compat'],
    bindings: [
      ...bindingsOfGate('eufm-state'),
      { name: 'CONSUMER', service: QUEUE, entrypoint: 'consumer' },
      { name: 'TASKS_CONSUMER', service: 'eufm-providers' },
      ...batchesOfLedger(options.root),
    ],
  };
  return [...names.map((name) => productScript(name, names, options)), queue];
}

/** How the ledger's messages are to come, as a deployment has it. */
function batchesOfLedger(root: string): Binding[] {
  const { consumers } = readConfig(root, 'eufm-ledger').queues;
  const consumer = consumers.find(({ queue }) => queue === 'ledger');
  if (!consumer) throw new Error('the ledger takes no messages of a queue named ledger');
  return [
    { name: 'MAX_BATCH_SIZE', text: `${consumer.max_batch_size}` },
    { name: 'MAX_BATCH_TIMEOUT', text: `${consumer.max_batch_timeout}` },
  ];
}

/** What a script needs to call TenantGates, whose class `script` has. */
export function bindingsOfGate(script: string): Binding[] {
  return [
    { name: 'TENANT_GATE', className: 'TenantGate', script },
    { name: 'JURISDICTION', text: '' },
  ];
}

function productScript(name: WorkerName, running: readonly WorkerName[], options: ProductScriptsOptions): WorkerScript {
  const { root, buildDir, directory, bindings, modules } = options;
  const config = readConfig(root, name);
  const { main, vars, services, durable_objects: objects, queues, migrations } = config;
  return {
    name,
    module: relative(directory, modules?.[name] ?? join(buildDir, name, `${basename(main, extname(main))}.js`)),
    compatibilityDate: config.compatibility_date,
    compatibilityFlags: config.compatibility_flags,
    bindings: [
      ...Object.entries({ ...vars, ...bindings[name] }).map(([binding, text]) => ({ name: binding, text })),
      ...services
        .filter(({ service }) => running.some((script) => script === service))
        .map(({ binding, service, entrypoint }) => ({ name: binding, service, entrypoint })),
      ...objects.bindings.map(
        (object): Binding => ({
          ...{ name: object.name, className: object.class_name, script: object.script_name ?? name },
        }),
      ),
      ...queues.producers.map(({ binding }): Binding => ({ name: binding, queue: QUEUE, entrypoint: 'broker' })),
    ],
    classes: migrations.flatMap(({ new_sqlite_classes: classes }) => classes),
  };
}

function readConfig(root: string, name: WorkerName): z.infer<typeof wranglerConfig> {
  return wranglerConfig.parse(parse(readFileSync(join(root, WORKER_CONFIGS[name]), 'utf8')));
}

import { join } from 'node:path';
import { build } from 'esbuild';
import { buildAssets } from '../../scripts/build-assets.ts';
import { buildWorkers } from '../../scripts/dev/build-workers.ts';
import { startUpstream, type Upstream } from './children.ts';
import { type BenchDatabase, startBenchDatabase } from './database.ts';
import type { Caller } from './requests.ts';
import { seedTenants, type TenantSpec } from './seed-tenants.ts';

/** The benchmark's own Workers. */
const WORKERS = ['proxies', 'ledger-queue', 'counting-state', 'settle-driver', 'ledger-feeder', 'inner-readers'];
/** Its requests are checked against a budget, a rate limit of three units and its plan's quota. */
const USUAL_TENANT: TenantSpec = { keys: 1, rules: { count: 2, isMatching: true } };

/** What the targets are started with. */
export interface BenchContext {
  readonly root: string;
  /** Bundles of the product's scripts, and of the benchmark's own Workers. */
  readonly buildDir: string;
  /** Folder of the run; each target has one of its own in it. */
  readonly directory: string;
  readonly upstream: Upstream;
  readonly database: BenchDatabase;
  /** Whose requests they are where nothing else is said. */
  readonly tenant: Caller;
  /** Makes more tenants, each with an account at the upstream. */
  createTenants(specs: readonly TenantSpec[]): Promise<Caller[][]>;
}

/** Builds the Workers and starts what they need: the upstream and a database with a tenant. */
export async function prepareBench(
  root: string,
  directory: string,
  started: AsyncDisposableStack,
): Promise<BenchContext> {
  const buildDir = join(directory, 'build');
  buildAssets();
  const upstream = started.adopt(await startUpstream(), (it) => it.close());
  await buildWorkers(root, buildDir);
  await build({
    entryPoints: WORKERS.map((name) => join(import.meta.dirname, 'workers', `${name}.ts`)),
    ...{ outdir: buildDir, bundle: true, format: 'esm', target: 'es2024', logLevel: 'error' },
    external: ['cloudflare:*', 'node:*'],
  });
  const database = started.adopt(await startBenchDatabase(root, directory), (it) => it.close());
  const createTenants = (specs: readonly TenantSpec[]) =>
    seedTenants({ ...database, providerUrl: `${upstream.url}/v1` }, specs);
  const [tenant] = (await createTenants([USUAL_TENANT])).flat();
  if (!tenant) throw new Error('no tenant was made');
  return { root, buildDir, directory, upstream, database, tenant, createTenants };
}

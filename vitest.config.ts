import { cloudflareTest } from '@cloudflare/vitest-plugin';
import { defineConfig } from 'vitest/config';

/** Properties and simulations, a real Postgres, workerd and the provider mock take seconds, on a busy machine some more. */
const SLOW = { testTimeout: 30_000, hookTimeout: 60_000 };
/** `npm start` may take a minute, and an end-to-end test starts the product more than once. */
const VERY_SLOW = { testTimeout: 240_000, hookTimeout: 240_000 };

/** A suite of which each file runs in all four scripts as one, with objects and buckets of its own and one Postgres for all. */
function onWorkerd(name: string, options: { readonly fileParallelism?: boolean }) {
  return {
    plugins: [
      cloudflareTest(({ inject }) => ({
        wrangler: { configPath: './test/wrangler.toml' },
        miniflare: { bindings: inject('bindings') },
      })),
    ],
    test: {
      name,
      include: [`test/integration/${name}/**/*.test.ts`],
      globalSetup: ['./test/harness/global-setup.ts'],
      ...SLOW,
      ...options,
    },
  };
}

/** The suites, in the order in which `npm test` runs them: one after another, but `schedule` beside `e2e`. */
export const PROJECTS = [
  { test: { name: 'guards', include: ['test/guards/**/*.test.ts'], ...SLOW } },
  { test: { name: 'contract', include: ['test/contract/**/*.test.ts'], ...SLOW } },
  { test: { name: 'unit', include: ['{shared,workers,durable-objects,scripts,test/load}/**/*.test.ts'], ...SLOW } },
  { test: { name: 'conformance', include: ['test/conformance/**/*.test.ts'], ...SLOW } },
  { test: { name: 'database', include: ['test/integration/database/**/*.test.ts'], ...SLOW } },
  onWorkerd('workers', {}),
  // Each works on all of a database's tenants, and seals and publishes for those of the others what they would not find.
  onWorkerd('schedule', { fileParallelism: false }),
  { test: { name: 'e2e', include: ['test/e2e/**/*.test.ts'], fileParallelism: false, ...VERY_SLOW } },
];

export default defineConfig({ test: { maxWorkers: 2, projects: PROJECTS } });

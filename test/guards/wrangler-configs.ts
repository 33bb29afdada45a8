import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'smol-toml';
import * as z from 'zod';

const ROOT = join(import.meta.dirname, '../..');

const environment = z.looseObject({
  vars: z.record(z.string(), z.string()).default({}),
  secrets: z.object({ required: z.array(z.string()) }).prefault({ required: [] }),
  routes: z.array(z.looseObject({ pattern: z.string() })).default([]),
  durable_objects: z.object({ bindings: z.array(z.looseObject({ name: z.string() })).default([]) }).prefault({}),
  r2_buckets: z.array(z.looseObject({ binding: z.string(), jurisdiction: z.string().optional() })).default([]),
  queues: z
    .object({
      producers: z.array(z.looseObject({ queue: z.string() })).default([]),
      consumers: z.array(z.looseObject({ queue: z.string(), dead_letter_queue: z.string().optional() })).default([]),
    })
    .prefault({}),
});
/** What a wrangler.toml says for one environment; the top level is the local one. */
export type Environment = z.infer<typeof environment>;

const config = environment.extend({
  compatibility_date: z.string(),
  compatibility_flags: z.array(z.string()).default([]),
  workers_dev: z.boolean().optional(),
  env: z.record(z.string(), environment).default({}),
});
export type Config = z.infer<typeof config>;

export function parseConfig(toml: string): Config {
  return config.parse(parse(toml));
}

const read = (path: string) => parseConfig(readFileSync(join(ROOT, path), 'utf8'));

/** The four scripts, as they are deployed. */
export const CONFIGS = {
  gateway: read('wrangler.toml'),
  providers: read('workers/providers/wrangler.toml'),
  ledger: read('workers/ledger/wrangler.toml'),
  state: read('durable-objects/wrangler.toml'),
};
export type ScriptName = keyof typeof CONFIGS;

/** The four composed into one, for tests. */
export const COMPOSED = read('test/wrangler.toml');

export const ENVIRONMENTS = ['eu', 'us', 'staging'] as const;

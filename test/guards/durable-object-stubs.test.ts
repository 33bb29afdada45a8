import { describe, expect, it } from 'vitest';
import { type ProjectFile, projectFiles } from './project-files.ts';
import { CONFIGS } from './wrangler-configs.ts';

const FACTORY = 'durable-objects/stubs.ts';
/** May name the bindings: to give them a type, and to wire them for the benchmark as wrangler.toml does. */
const BINDING_TYPES = ['durable-objects/env.ts', 'test/load/product-scripts.ts'];

const BINDINGS = Object.values(CONFIGS).flatMap(({ durable_objects }) =>
  durable_objects.bindings.map(({ name }) => name),
);
const NAMING = /\.(idFromName|idFromString|newUniqueId|getByName|jurisdiction)\(/;
const NAMESPACE = new RegExp(`\\b(${[...new Set(BINDINGS)].join('|')})\\b`);

/** Lines that name a Durable Object, or touch a namespace, outside the one file that applies the jurisdiction. */
function violations(files: readonly ProjectFile[]): string[] {
  return files
    .filter(({ path }) => /\.ts$/.test(path) && path !== FACTORY && !path.startsWith('test/guards/'))
    .flatMap(({ path, text }) =>
      text
        .split('\n')
        .filter((line) => NAMING.test(line) || (NAMESPACE.test(line) && !BINDING_TYPES.includes(path)))
        .map((line) => `${path}: ${line.trim()}`),
    );
}

describe('Durable Objects', () => {
  it('are named in durable-objects/stubs.ts and nowhere else', () => {
    expect(violations(projectFiles())).toEqual([]);
  });

  it('live in their jurisdiction, because that file applies it', () => {
    const factory = projectFiles().find(({ path }) => path === FACTORY);
    expect(factory?.text).toMatch(/\.jurisdiction\(/);
  });

  it.each([
    "const stub = env.TENANT_GATE.getByName('t');",
    'const id = namespace.idFromName(tenantId);',
    'const { TENANT_GATE } = env;',
    'env.TENANT_GATE.get(id)',
    'other.newUniqueId()',
  ])('are found out when named elsewhere: %s', (text) => {
    expect(violations([{ path: 'workers/gateway/a.ts', text }])).toHaveLength(1);
    expect(violations([{ path: FACTORY, text }])).toEqual([]);
  });
});

import { describe, expect, it } from 'vitest';
import openapi from '../../openapi.json';
import { PERMISSIONS } from '../../shared/auth/permissions.ts';
import { type ProjectFile, projectFiles } from './project-files.ts';

interface Operation {
  readonly method: string;
  readonly path: string;
  readonly security: unknown;
}

const TENANT_SECURITY = [
  { apiKey: [], tenant: [] },
  { accessToken: [], tenant: [] },
];

function operationsOf(paths: object): Operation[] {
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries<{ security?: unknown }>(methods).map(([method, { security }]) => ({ method, path, security })),
  );
}

const isTenantScoped = ({ path }: Operation) => path.startsWith('/v1/');

/** What is wrong with how an operation is guarded: by its description, and by the route file that serves it. */
function violations(operation: Operation, files: readonly ProjectFile[]): string[] {
  const { method, path, security } = operation;
  const own = files.filter(({ text }) => text.includes(`method: '${method}',\n  path: '${path}',`));
  if (own.length !== 1) return [`${own.length} route files serve it`];
  const expected = isTenantScoped(operation) ? TENANT_SECURITY : [];
  const problems = JSON.stringify(security) === JSON.stringify(expected) ? [] : ['it declares another security'];
  if (!isTenantScoped(operation)) return problems;
  const guard = ['post', 'put', 'patch'].includes(method) ? 'tenantBodyRoute' : 'tenantRoute';
  const permission = new RegExp(`^  middleware: ${guard}\\('([a-z:]+)'\\),$`, 'm').exec(own[0]?.text ?? '')?.[1];
  const isGuarded = PERMISSIONS.some((known) => known === permission);
  return isGuarded ? problems : [...problems, `it has no ${guard} with a permission`];
}

describe('every operation', () => {
  const files = projectFiles().filter(({ path }) => /^workers\/gateway\/routes\/.*\.ts$/.test(path));

  it.each(operationsOf(openapi.paths))('$method $path is guarded as it says', (operation) => {
    expect(violations(operation, files)).toEqual([]);
  });

  it('is described: no route under /v1/ is only code', () => {
    const served = files.flatMap(({ text }) => [...text.matchAll(/'(\/v1\/[^']*)'/g)].map(([, path]) => path));
    expect(served.filter((path) => !Object.hasOwn(openapi.paths, path ?? ''))).toEqual([]);
  });
});

describe('an operation is found out', () => {
  const operation = { method: 'post', path: '/v1/a', security: TENANT_SECURITY };
  const route = (middleware: string) => [
    { path: 'workers/gateway/routes/a/create.ts', text: `  method: 'post',\n  path: '/v1/a',\n${middleware}\n` },
  ];
  const guarded = route("  middleware: tenantBodyRoute('usage:read'),");

  it.each([
    ['without security', { ...operation, security: [] }, guarded],
    ['without the tenant in its security', { ...operation, security: [{ apiKey: [] }] }, guarded],
    ['without a guard', operation, route('')],
    ['without a permission that exists', operation, route("  middleware: tenantBodyRoute('all:all'),")],
    ['without a limit on its body', operation, route("  middleware: tenantRoute('usage:read'),")],
    ['without a route', operation, []],
  ])('%s', (_name, each, files) => {
    expect(violations(each, files)).toHaveLength(1);
    expect(violations(operation, guarded)).toEqual([]);
  });
});

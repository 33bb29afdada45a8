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

/** Of routes that imitate another API: there a key finds its own tenant. */
const DIALECT_SECURITY = [{ bearerKey: [] }, { apiKey: [] }, { accessToken: [], tenant: [] }];

/** They are these and no others, so that no route of ours can forget to ask for the tenant. */
const DIALECT_PATHS = [
  '/v1/chat/completions',
  '/v1/completions',
  '/v1/embeddings',
  '/v1/messages',
  '/v1/messages/count_tokens',
  '/v1/models',
  '/v1/models/{model}',
  '/v1/responses',
];

/** Those whose request is held before anything is done, and so is checked by the configuration in force. */
const HOLD_PATHS: readonly string[] = [
  '/v1/orchestrate',
  '/v1/chat/completions',
  '/v1/completions',
  '/v1/embeddings',
  '/v1/messages',
  '/v1/responses',
];

function operationsOf(paths: object): Operation[] {
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries<{ security?: unknown }>(methods).map(([method, { security }]) => ({ method, path, security })),
  );
}

const isTenantScoped = ({ path }: Operation) => path.startsWith('/v1/');

function securityOf(operation: Operation): readonly object[] {
  if (!isTenantScoped(operation)) return [];
  return DIALECT_PATHS.includes(operation.path) ? DIALECT_SECURITY : TENANT_SECURITY;
}

/** The name of the function that must guard an operation. */
function guardOf({ method, path }: Operation): string {
  const kind = DIALECT_PATHS.includes(path) ? 'dialect' : 'tenant';
  if (HOLD_PATHS.includes(path)) return `${kind}HoldRoute`;
  return ['post', 'put', 'patch'].includes(method) ? `${kind}BodyRoute` : `${kind}Route`;
}

/** What is wrong with how an operation is guarded: by its description, and by the route file that serves it. */
function violations(operation: Operation, files: readonly ProjectFile[]): string[] {
  const { method, path, security } = operation;
  const own = files.filter(({ text }) => text.includes(`method: '${method}',\n  path: '${path}',`));
  if (own.length !== 1) return [`${own.length} route files serve it`];
  const isAsExpected = JSON.stringify(security) === JSON.stringify(securityOf(operation));
  const problems = isAsExpected ? [] : ['it declares another security'];
  if (!isTenantScoped(operation)) return problems;
  const guard = guardOf(operation);
  const guarded = new RegExp(`^  middleware: ${guard}\\('([a-z:]+)'(?:, '(?:openai|anthropic)')?\\),$`, 'm');
  const permission = guarded.exec(own[0]?.text ?? '')?.[1];
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
    [
      'by an old configuration, though nothing is held',
      operation,
      route("  middleware: tenantHoldRoute('usage:read'),"),
    ],
    ['without a limit on its body', operation, route("  middleware: tenantRoute('usage:read'),")],
    ['without a route', operation, []],
  ])('%s', (_name, each, files) => {
    expect(violations(each, files)).toHaveLength(1);
    expect(violations(operation, guarded)).toEqual([]);
  });
});

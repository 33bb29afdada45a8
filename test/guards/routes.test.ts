import { describe, expect, it } from 'vitest';
import openapi from '../../openapi.json';
import { PERMISSIONS } from '../../shared/auth/permissions.ts';
import { type ProjectFile, projectFiles } from './project-files.ts';

interface Operation {
  readonly method: string;
  readonly path: string;
  readonly security: unknown;
  readonly requestBody?: unknown;
}

const TENANT_SECURITY = [
  { apiKey: [], tenant: [] },
  { accessToken: [], tenant: [] },
  { session: [], tenant: [] },
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

/** Of routes that are for people: an API key is none. */
const PERSON_SECURITY = [{ session: [] }, { accessToken: [] }];

/** Routes of a person that name no tenant. What they answer is the person's own, by row-level security. */
const PERSON_PATHS: readonly string[] = [
  '/v1/invitations/accept',
  '/v1/me',
  '/v1/sessions',
  '/v1/sessions/{id}',
  '/v1/tenants',
];

/** Routes of SCIM, for identity providers: their token is for these and no others, and no other credential is. */
const SCIM_PATHS: readonly string[] = [
  '/v1/scim/v2/Groups',
  '/v1/scim/v2/Groups/{id}',
  '/v1/scim/v2/ResourceTypes',
  '/v1/scim/v2/Schemas',
  '/v1/scim/v2/ServiceProviderConfig',
  '/v1/scim/v2/Users',
  '/v1/scim/v2/Users/{id}',
];
const SCIM_SECURITY = [{ scimToken: [] }];

/** Routes of a browser that is signed in, and of nobody else. */
const SESSION_PATHS: readonly string[] = ['/v1/auth/logout'];
const SESSION_SECURITY = [{ session: [] }];

/** Routes on the way to a session, which can ask for no credential: what each must do with what it is sent instead. */
const SIGN_IN_GUARDS: ReadonlyMap<string, string> = new Map([
  ['/v1/auth/login', 'sealAttempt'],
  ['/v1/auth/callback', 'openAttempt'],
  ['/v1/auth/backchannel-logout', 'verifyLogoutToken'],
]);

/** Routes of a person whose path names the tenant: there they need the permission. */
const MEMBER_PATHS: readonly string[] = [
  '/v1/tenants/{id}',
  '/v1/tenants/{id}/export',
  '/v1/tenants/{id}/restore',
  '/v1/tenants/{id}/resume',
  '/v1/tenants/{id}/suspend',
];

/** Routes of a person whose path names a tenant that they are a member of: that is all that they need. */
const ANY_MEMBER_PATHS: readonly string[] = ['/v1/tenants/{id}/membership'];

/** Routes that every credential of the tenant may call, since they tell nothing but what it may do. */
const ANY_PERMISSION_PATHS: readonly string[] = ['/v1/permissions', '/v1/permissions/check'];

function operationsOf(paths: object): Operation[] {
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries<Omit<Operation, 'method' | 'path'>>(methods).map(([method, { security, requestBody }]) => ({
      ...{ method, path, security, requestBody },
    })),
  );
}

const isGuardedRoute = ({ path }: Operation) => path.startsWith('/v1/');

type Kind = 'anyMember' | 'anyPermission' | 'dialect' | 'member' | 'person' | 'scim' | 'session' | 'signIn' | 'tenant';

const KINDS: readonly (readonly [Kind, readonly string[]])[] = [
  ['anyMember', ANY_MEMBER_PATHS],
  ['anyPermission', ANY_PERMISSION_PATHS],
  ['dialect', DIALECT_PATHS],
  ['member', MEMBER_PATHS],
  ['person', PERSON_PATHS],
  ['scim', SCIM_PATHS],
  ['session', SESSION_PATHS],
  ['signIn', [...SIGN_IN_GUARDS.keys()]],
];

function kindOf({ path }: Operation): Kind {
  return KINDS.find(([, paths]) => paths.includes(path))?.[0] ?? 'tenant';
}

const SECURITY: Readonly<Record<Kind, readonly object[]>> = {
  anyMember: PERSON_SECURITY,
  anyPermission: TENANT_SECURITY,
  dialect: DIALECT_SECURITY,
  member: PERSON_SECURITY,
  person: PERSON_SECURITY,
  scim: SCIM_SECURITY,
  session: SESSION_SECURITY,
  signIn: [],
  tenant: TENANT_SECURITY,
};

function securityOf(operation: Operation): readonly object[] {
  return isGuardedRoute(operation) ? SECURITY[kindOf(operation)] : [];
}

/** The name of the function that must guard an operation. */
function guardOf(operation: Operation): string {
  const kind = kindOf(operation) === 'session' ? 'person' : kindOf(operation);
  if (HOLD_PATHS.includes(operation.path)) return `${kind}HoldRoute`;
  return operation.requestBody === undefined ? `${kind}Route` : `${kind}BodyRoute`;
}

/** If the guard declares nothing, where nothing is to be declared, or else a permission that exists. */
function isDeclared(kind: Kind, declared: string | undefined): boolean {
  if (['anyMember', 'anyPermission', 'person', 'scim', 'session'].includes(kind)) return declared === '';
  const permission = /^'([a-z:]+)'(?:, '(?:openai|anthropic)')?$/.exec(declared ?? '')?.[1];
  return PERMISSIONS.some((known) => known === permission);
}

/** What is wrong with how an operation is guarded: by its description, and by the route file that serves it. */
function violations(operation: Operation, files: readonly ProjectFile[]): string[] {
  const { method, path, security } = operation;
  const own = files.filter(({ text }) => text.includes(`method: '${method}',\n  path: '${path}',`));
  if (own.length !== 1) return [`${own.length} route files serve it`];
  const isAsExpected = JSON.stringify(security) === JSON.stringify(securityOf(operation));
  const problems = isAsExpected ? [] : ['it declares another security'];
  if (!isGuardedRoute(operation)) return problems;
  const insteadOfCredential = SIGN_IN_GUARDS.get(path);
  if (insteadOfCredential !== undefined) {
    const isCalled = own[0]?.text.includes(`await ${insteadOfCredential}(`) ?? false;
    return isCalled ? problems : [...problems, `it does not call ${insteadOfCredential}`];
  }
  const guard = guardOf(operation);
  const declared = new RegExp(`^  middleware: ${guard}\\((.*)\\),$`, 'm').exec(own[0]?.text ?? '')?.[1];
  return isDeclared(kindOf(operation), declared) ? problems : [...problems, `it has no ${guard} that declares enough`];
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
  const operation = { method: 'post', path: '/v1/a', security: TENANT_SECURITY, requestBody: {} };
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
    ['with a guard for people, though it is a tenant’s', operation, route('  middleware: personBodyRoute(),')],
    ['with a guard that asks for no permission', operation, route('  middleware: anyPermissionBodyRoute(),')],
    ['without a route', operation, []],
    [
      'on the way to a session, without its check',
      { ...operation, path: '/v1/auth/callback', security: [] },
      [{ path: 'workers/gateway/routes/auth/callback.ts', text: "  method: 'post',\n  path: '/v1/auth/callback',\n" }],
    ],
  ])('%s', (_name, each, files) => {
    expect(violations(each, files)).toHaveLength(1);
    expect(violations(operation, guarded)).toEqual([]);
  });
});

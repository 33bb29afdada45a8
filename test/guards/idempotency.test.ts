import { describe, expect, it } from 'vitest';
import openapi from '../../openapi.json';
import { AT_MOST_ONCE, WITHOUT_KEY } from '../../workers/gateway/idempotency/policies.ts';
import { type ProjectFile, projectFiles } from './project-files.ts';

interface Operation {
  readonly method: string;
  readonly operationId: string;
  readonly parameters?: readonly { readonly name: string; readonly in: string }[];
  readonly responses: object;
}

/** What makes a change with its effect's row in one transaction: all of these hand `changeContext` on. */
const RECORDED =
  /\b(applyChange|changeRecord|changeAccess|changeOwnTenant|personalChange|changeProvisioning|acceptTasks?|changeTask)\(|\(changeContext\(context\)[,)]/;
const HELD = /middleware: \w+HoldRoute\(/;

const operations: Operation[] = Object.entries(openapi.paths).flatMap(([path, methods]) =>
  path.startsWith('/v1/')
    ? Object.entries<Omit<Operation, 'method'>>(methods).map(([method, operation]) => ({ ...operation, method }))
    : [],
);

/** What is wrong with how an operation takes an Idempotency-Key. */
function violations({ method, operationId, parameters = [], responses }: Operation, files: readonly ProjectFile[]) {
  if (method === 'get') return [];
  const isDescribed = parameters.some(({ name }) => name === 'Idempotency-Key');
  if (WITHOUT_KEY.has(operationId)) return isDescribed ? ['it says that it takes a key'] : [];
  const problems = isDescribed && '409' in responses && '422' in responses ? [] : ['it does not describe the key'];
  const own = files.filter(({ text }) => text.includes(`operationId: '${operationId}',`));
  const text = own.length === 1 ? (own[0]?.text ?? '') : '';
  if (HELD.test(text) !== AT_MOST_ONCE.has(operationId)) return [...problems, 'what it spends is not told apart'];
  // A repeated PUT, PATCH or DELETE leaves things as the first one did.
  const isGuarded = method !== 'post' || AT_MOST_ONCE.has(operationId) || RECORDED.test(text);
  return isGuarded ? problems : [...problems, 'its effect commits without its key'];
}

describe('Idempotency-Key', () => {
  const files = projectFiles().filter(({ path }) => /^workers\/gateway\/routes\/.*\.ts$/.test(path));

  it.each(operations)('is taken by $operationId, or there is a reason', (operation) => {
    expect(violations(operation, files)).toEqual([]);
  });

  it('is refused by no operation that does not exist, and each has its reason', () => {
    const names = operations.map(({ operationId }) => operationId);
    expect([...WITHOUT_KEY.keys(), ...AT_MOST_ONCE].filter((name) => !names.includes(name))).toEqual([]);
    for (const reason of WITHOUT_KEY.values()) expect(reason).not.toBe('');
  });

  it('reaches every route, since the router alone adds it', () => {
    const router = projectFiles().find(({ path }) => path === 'workers/gateway/create-router.ts');
    expect(router?.text).toMatch(/takesKey\(route\) \? idempotent\(operationId\)/);
    const others = files.filter(({ text }) => /new (OpenAPI)?Hono\b|\.(post|put|patch|delete)\('/.test(text));
    expect(others.map(({ path }) => path)).toEqual([]);
  });
});

describe('an operation is found out', () => {
  const key = [{ name: 'Idempotency-Key', in: 'header' }];
  const made = { method: 'post', operationId: 'make', parameters: key, responses: { 409: {}, 422: {} } };
  const file = (text: string) => [{ path: 'workers/gateway/routes/a.ts', text: `operationId: 'make',\n${text}` }];
  const recorded = file('applyChange(context)');

  it.each([
    ['that takes no key', { ...made, parameters: [] }, recorded],
    ['that does not describe its refusals', { ...made, responses: {} }, recorded],
    ['whose change commits without its key', made, file('insert()')],
    ['that spends and is not told apart', made, file("middleware: tenantHoldRoute('a')\napplyChange(context)")],
    ['that says it takes a key and does not', { ...made, operationId: 'logout' }, recorded],
  ])('%s', (_name, operation, files) => {
    expect(violations(operation, files)).toHaveLength(1);
    expect(violations(made, recorded)).toEqual([]);
  });
});

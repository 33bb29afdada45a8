import { beforeAll, describe, expect, it } from 'vitest';
import { PERMISSIONS } from '../../../shared/auth/permissions.ts';
import { type FilledTenant, fillTenant, plantedIn, rowsOf } from '../../harness/filled-tenant.ts';
import { call } from '../../harness/gateway-client.ts';
import {
  absentLike,
  CASES,
  type Credential,
  callersOf,
  headersOf,
  idsFor,
  OPERATIONS,
  withoutTimes,
} from '../../harness/isolation-cases.ts';
import { ownerSql } from '../../harness/mint-tenant.ts';
import { EXAMPLES } from '../../harness/route-examples.ts';
import { describedOperations, type Probe, plainProbe, slotsOf } from '../../harness/route-probes.ts';

let mine: FilledTenant;
let theirs: FilledTenant;
let theirRows: Record<string, string>;

beforeAll(async () => {
  mine = await fillTenant(PERMISSIONS);
  theirs = await fillTenant(PERMISSIONS);
  // What a sweep would write in the meantime is not a request's doing.
  await ownerSql()`update tenants set published_config_version = config_version where id = ${theirs.tenantId}`;
  theirRows = await rowsOf(theirs.tenantId);
});

/** An answer without what is each request's own, and with one word for the id that was asked for. */
async function ask(credential: Credential, { method, path, headers, body }: Probe, id: string): Promise<string> {
  const response = await call(method, path, {
    headers: { ...headersOf(mine, credential), ...headers },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const requestId = response.headers.get('x-request-id') ?? 'none';
  const text = (await response.text()).replaceAll(requestId, 'the-request').replaceAll(id, 'the-id');
  return `${response.status} ${withoutTimes(text)}`;
}

describe('T1: every route of openapi.json, with an id of another tenant', () => {
  it.each(CASES)('answers as with one that does not exist: $name', async ({ slot, credential }) => {
    const [foreign, absent] = idsFor(slot, theirs.tenantId);
    const answer = await ask(credential, slot.probe(foreign, mine.tenantId), foreign);
    expect(answer).toBe(await ask(credential, slot.probe(absent, mine.tenantId), absent));
    expect(answer).not.toContain(theirs.tenantId);
    const isPlace = slot.name.startsWith('path ') || slot.name.startsWith('body ');
    if (isPlace || slot.name.startsWith('header ')) expect(answer.slice(0, 3)).toMatch(/^40[0-4]$/);
    if (slot.name.startsWith('path ') && credential !== 'key') expect(answer).toMatch(/^404 /);
  });

  it.each(OPERATIONS.map((operation) => ({ operation, name: `${operation.method} ${operation.path}` })))(
    'and with its own credential in the name of another tenant: $name',
    async ({ operation }) => {
      const example = EXAMPLES[operation.operationId];
      for (const credential of callersOf(operation)) {
        const inTheName = async (tenantId: string) => {
          const probe = plainProbe(operation, example, theirs.tenantId);
          return await ask(credential, { ...probe, headers: { 'x-tenant-id': tenantId } }, tenantId);
        };
        const isPersonal =
          credential !== 'provider' && (operation.parameters?.every(({ name }) => name !== 'X-Env-Id') ?? true);
        if (isPersonal) continue; // no route of a person reads the header; T1 above asks them by the path
        const answer = await inTheName(theirs.tenantId);
        expect(answer).toBe(await inTheName(absentLike(theirs.tenantId)));
        expect(answer.slice(0, 3)).toBe('403');
      }
    },
  );

  it('has read nothing and written nothing of the other tenant’s, nor its id into its own rows', async () => {
    expect(await rowsOf(theirs.tenantId)).toEqual(theirRows);
    expect(await plantedIn(mine.tenantId, theirs.tenantId)).toEqual([]);
  });
});

describe('T1 control', () => {
  const readable = CASES.filter(
    ({ operation, slot, credential }) =>
      operation.method === 'GET' && slot.name.startsWith('path ') && credential !== 'key',
  );

  it.each(readable)('the same request with its own id finds something: $name', async ({ slot, credential }) => {
    expect(await ask(credential, slot.probe(mine.tenantId, mine.tenantId), mine.tenantId)).toMatch(/^200 /);
  });

  it('a row that changes, and an id that is planted, are noticed', async () => {
    const before = await rowsOf(mine.tenantId);
    await ask(
      'person',
      { method: 'PATCH', path: `/v1/budgets/${mine.tenantId}`, headers: {}, body: { name: theirs.tenantId } },
      '-',
    );
    const after = await rowsOf(mine.tenantId);
    const changed = Object.keys(after).filter((name) => after[name] !== before[name]);
    expect(changed).toEqual(['tenants', 'budgets', 'audit_logs', 'audit_pending']);
    expect(await plantedIn(mine.tenantId, theirs.tenantId)).toEqual(['budgets', 'audit_logs']);
  });

  it('a new route without an example fails the test', () => {
    const requestBody = { content: { 'application/json': { schema: {} } } };
    const path = { '/v1/news': { post: { operationId: 'createNews', requestBody } } };
    const [operation] = describedOperations(path);
    if (!operation) throw new Error('no operation');
    expect(() => slotsOf(operation, undefined)).toThrow('createNews takes a body and has no example');
    expect(slotsOf(operation, { body: {} })).toEqual([]);
  });
});

import { beforeAll, describe, expect, it } from 'vitest';
import { PERMISSIONS } from '../../../shared/auth/permissions.ts';
import { getBudget } from '../../../shared/services/get-budget.ts';
import { type FilledTenant, fillTenant } from '../../harness/filled-tenant.ts';
import { absentLike, CASES, type Credential, headersOf, idsFor, withoutTimes } from '../../harness/isolation-cases.ts';
import type { Probe } from '../../harness/route-probes.ts';
import { type Traced, tracedGateway } from '../../harness/traced-gateway.ts';

let mine: FilledTenant;
let theirs: FilledTenant;
const gateway = tracedGateway();

beforeAll(async () => {
  mine = await fillTenant(PERMISSIONS);
  theirs = await fillTenant(PERMISSIONS);
  for (const credential of ['key', 'person', 'provider'] as const) {
    await ask(gateway, credential, { method: 'GET', path: '/v1/permissions', headers: {} }, '-'); // its gate knows it
  }
});

/** What is asked for a request, with one word for the id that it has. */
async function ask(
  send: ReturnType<typeof tracedGateway>,
  credential: Credential,
  { method, path, headers, body }: Probe,
  id: string,
): Promise<Traced> {
  const { answer, steps } = await send(path, {
    method,
    headers: { ...headersOf(mine, credential), ...headers },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const named = (text: string) => withoutTimes(text.replaceAll(id, 'the-id'));
  return { answer: named(answer), steps: steps.map(named) };
}

describe('T1: the timing class of every route of openapi.json, with an id of another tenant', () => {
  it.each(CASES)(
    'asks the same of Postgres and of Durable Objects as with none: $name',
    async ({ slot, credential }) => {
      const [foreign, absent] = idsFor(slot, theirs.tenantId);
      const none = await ask(gateway, credential, slot.probe(absent, mine.tenantId), absent);
      const found = await ask(gateway, credential, slot.probe(foreign, mine.tenantId), foreign);
      expect(found).toEqual(none);
      if (credential === 'person') expect(found.steps.length).toBeGreaterThan(0); // a key is refused a person's routes at once
    },
  );

  it.each(['key', 'person', 'provider'] as const)(
    'asks the same where a request is in the name of another tenant: %s',
    async (credential) => {
      const path = credential === 'provider' ? '/v1/scim/v2/Users' : '/v1/permissions';
      const inTheName = (id: string) =>
        ask(gateway, credential, { method: 'GET', path, headers: { 'x-tenant-id': id } }, id);
      const [foreign, absent] = [theirs.tenantId, absentLike(theirs.tenantId)];
      const none = await inTheName(absent);
      expect(await inTheName(foreign)).toEqual(none);
      expect(none.answer.slice(0, 3)).toBe('403');
      expect((await inTheName(mine.tenantId)).answer.slice(0, 3)).toBe('200'); // control
    },
  );

  it('sees statements, Durable Objects and what else is asked', async () => {
    const seen = new Set<string>();
    for (const { slot, credential } of CASES.slice(0, 40)) {
      const { steps } = await ask(gateway, credential, slot.probe(mine.tenantId, mine.tenantId), mine.tenantId);
      for (const step of steps) seen.add(step.split(' ')[0] ?? '');
    }
    expect([...seen].toSorted()).toEqual(expect.arrayContaining(['fetch', 'object', 'sql']));
  });
});

describe('T1 control', () => {
  /** A route that answers alike, but looks a second time where it found something of another tenant’s. */
  const leaky = tracedGateway((app) => {
    app.get('/v1/leaks/:id', async (context) => {
      const { db, gate } = context.get('ports');
      const id = context.req.param('id');
      const found = await getBudget({ db, tenantId: id, id });
      if (found && context.req.query('by') === 'sql') await getBudget({ db, tenantId: id, id });
      if (found && context.req.query('by') === 'gate') await gate(id).freshness();
      return context.text('not here', 404);
    });
  });
  const trace = (id: string, by: string) =>
    ask(leaky, 'person', { method: 'GET', path: `/v1/leaks/${id}?by=${by}`, headers: {} }, id);

  it.each([
    ['sql', 3], // the transaction of a second look: its tenant, and its two queries
    ['gate', 1],
    ['nothing', 0],
  ])('a route that asks more of %s for an id of another tenant is found, by %i steps', async (by, more) => {
    const [found, none] = [await trace(theirs.tenantId, by), await trace(absentLike(theirs.tenantId), by)];
    expect(found.answer).toBe(none.answer);
    expect(found.steps.length - none.steps.length).toBe(more);
  });

  it('the same request with an id of one’s own takes another path', async () => {
    const path = (id: string) => ({ method: 'DELETE', path: `/v1/api-keys/${id}`, headers: {} });
    const own = await ask(gateway, 'person', path(mine.tenantId), mine.tenantId);
    const absent = absentLike(mine.tenantId);
    expect(own.steps).not.toEqual((await ask(gateway, 'person', path(absent), absent)).steps);
  });
});

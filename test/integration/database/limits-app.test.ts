import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { LimitStatus } from '../../../shared/contracts/limits.ts';
import type { TenantSnapshot } from '../../../shared/contracts/tenant-snapshot.ts';
import { createDatabase, type Database } from '../../../shared/db/client.ts';
import { createLogger } from '../../../shared/platform/logger.ts';
import { FIRST_PAGE, listUnpublishedTenants } from '../../../shared/services/publish-configuration.ts';
import { createApp } from '../../../workers/gateway/app.ts';
import type { GatewayPorts } from '../../../workers/gateway/ports.ts';
import { createTestDatabase } from '../../harness/postgres.ts';

const BUDGET = { name: 'research', amountUsd: '1.5', period: 'month' };
const REGION = 'eu';
const BODIES = 150;
const SEED = 20_261_122;

let database: Awaited<ReturnType<typeof createTestDatabase>>;
let owner: pg.Client;
let db: Database;
let ledgerDb: Database;
let tenantId: string;
let published: TenantSnapshot[];

beforeAll(async () => {
  database = await createTestDatabase();
  const { neonEndpoint } = database;
  owner = new pg.Client({ connectionString: database.url });
  await owner.connect();
  db = createDatabase({ databaseUrl: database.appUrl, neonEndpoint });
  ledgerDb = createDatabase({ databaseUrl: database.ledgerUrl, neonEndpoint });
});

beforeEach(async () => {
  tenantId = randomUUID();
  published = [];
  await owner.query(`insert into tenants (id, name, slug, region) values ($1, 'T', $2, $3)`, [
    tenantId,
    tenantId,
    REGION,
  ]);
});

afterAll(async () => {
  await owner?.end();
  await database?.close();
});

interface Away {
  readonly gate?: boolean;
  readonly postgres?: boolean;
}

const refuse = async () => {
  throw new Error('away');
};

/** The gateway with a key that may do everything, in front of Postgres and a TenantGate that is or is not there. */
function appWith(away: Away) {
  const lost = createDatabase({ databaseUrl: 'postgres://nobody:none@127.0.0.1/none' });
  const ports = {
    settings: { region: REGION, regionUrls: {}, corsOrigins: [] },
    logger: createLogger({ service: 'test', level: 'none', write: () => {} }),
    now: () => Date.now(),
    db: away.postgres ? { ...lost, batch: refuse } : db,
    gate: () => ({
      publish: away.gate ? refuse : async (snapshot: TenantSnapshot) => published.push(snapshot),
      limits: away.gate ? refuse : async (): Promise<LimitStatus[]> => [],
    }),
    tenants: { accept: () => {}, known: () => undefined },
    keyUses: { note: () => {} },
    apiKeys: {
      read: () => ({ region: REGION, tenantId }),
      find: async () => ({
        apiKey: { id: randomUUID(), environmentId: randomUUID(), scopes: ['policies:read', 'policies:write'] },
        tenant: { tenantId, status: 'active' },
      }),
    },
  };
  // What these requests touch is there.
  return createApp(() => ports as unknown as GatewayPorts);
}

async function send(away: Away, method: string, path: string, body?: unknown) {
  const headers = { 'x-api-key': 'k', 'x-tenant-id': tenantId, 'content-type': 'application/json' };
  const init = { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) };
  const response = await appWith(away).request(path, init);
  return { status: response.status, headers: response.headers, body: await response.json<Record<string, unknown>>() };
}

const isUnpublished = async () =>
  (await listUnpublishedTenants({ db: ledgerDb, after: FIRST_PAGE })).some((tenant) => tenant.tenantId === tenantId);

describe('a change of limits', () => {
  it('is with TenantGate when it is answered', async () => {
    const { status, body } = await send({}, 'POST', '/v1/budgets', BUDGET);
    expect(status).toBe(201);
    expect(published).toMatchObject([{ tenantId, configVersion: 2, budgets: [{ id: body.id, name: 'research' }] }]);
    expect(await isUnpublished()).toBe(false);
  });

  it('stands when TenantGate is away, and is left to the sweep', async () => {
    const { status, body } = await send({ gate: true }, 'POST', '/v1/budgets', BUDGET);
    expect(status).toBe(201);
    expect(await isUnpublished()).toBe(true);
    expect((await send({}, 'GET', `/v1/budgets/${body.id}`)).body).toMatchObject(BUDGET);
  });

  it('is refused, and not handed over, when Postgres is away', async () => {
    const { status, headers, body } = await send({ postgres: true }, 'POST', '/v1/rate-limits', { maxRequests: 1 });
    expect({ status, code: body.code }).toEqual({ status: 503, code: 'unavailable' });
    expect(headers.get('retry-after')).toBe('2');
    expect(published).toEqual([]);
  });

  it('that changes nothing is not handed over', async () => {
    await send({}, 'POST', '/v1/budgets', BUDGET);
    expect((await send({}, 'POST', '/v1/budgets', BUDGET)).status).toBe(409);
    expect((await send({}, 'PATCH', `/v1/budgets/${randomUUID()}`, { hardStop: false })).status).toBe(404);
    expect(published).toHaveLength(1);
  });
});

describe('GET /v1/limits', () => {
  it('is an empty list where nothing is limited', async () => {
    const { status, body } = await send({ postgres: true }, 'GET', '/v1/limits');
    expect({ status, body }).toEqual({ status: 200, body: { data: [], nextCursor: null } });
  });

  it('says so when TenantGate is away', async () => {
    const { status, body } = await send({ gate: true }, 'GET', '/v1/limits');
    expect({ status, code: body.code }).toEqual({ status: 503, code: 'unavailable' });
  });
});

describe('I1: bodies that no one would send', () => {
  const NOBODYS = '00000000-0000-4000-8000-0000000000ff';
  const RATE = { name: 'a', environmentId: null, apiKeyId: null, windowSeconds: 60, maxRequests: 1, maxTokens: null };
  const FORMS = {
    budgets: { ...BUDGET, hardStop: true, thresholds: [50], scope: { provider: 'openai', model: 'm' } },
    'rate-limits': { ...RATE, maxConcurrent: 1, strategy: 'fixed-window', queueMs: 1 },
  };
  /** A form with one of its fields, or one of its scope's, replaced by anything. */
  const spoiled = (form: object) =>
    fc
      .tuple(
        fc.constantFrom(...Object.keys(form), 'scope.model', 'scope.apiKeyId', '__proto__'),
        fc.oneof(
          fc.jsonValue(),
          fc.integer({ min: -1, max: 2 ** 40 }),
          fc.double({ noNaN: true }),
          fc.string({ unit: 'binary' }),
          fc.constantFrom('99999999999999.999999999999', '1e400', 2 ** 53 - 1, '\ud800', '\0', NOBODYS, [], {}),
        ),
      )
      .map(
        ([field, value]): Record<string, unknown> =>
          field.startsWith('scope.') ? { ...form, scope: { [field.slice(6)]: value } } : { ...form, [field]: value },
      );

  it.each(Object.entries(FORMS))('are served or refused, and break nothing: %s', async (folder, form) => {
    const { id } = (await send({}, 'POST', `/v1/${folder}`, { ...form, name: 'kept' })).body;
    const found = new Map<number, number>();
    for (const body of fc.sample(spoiled(form), { numRuns: BODIES, seed: SEED })) {
      const change = body.name === form.name ? { ...body, name: 'kept' } : body;
      for (const [method, path, sent] of [['POST', '', body] as const, ['PATCH', `/${id}`, change] as const]) {
        const { status } = await send({}, method, `/v1/${folder}${path}`, sent);
        expect(status, `${method} ${JSON.stringify(body)}`).toBeLessThan(500);
        found.set(status, (found.get(status) ?? 0) + 1);
      }
    }
    expect([...found.keys()].toSorted()).toEqual(expect.arrayContaining([200, 201, 400]));
    expect((await send({}, 'GET', `/v1/${folder}?limit=500`)).status).toBe(200);
    expect(published.length).toBe((found.get(200) ?? 0) + (found.get(201) ?? 0) + 1);
  });
});

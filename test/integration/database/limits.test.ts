import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type BudgetInput, budgetInput } from '../../../shared/contracts/http/budgets.ts';
import { type RateLimitInput, rateLimitInput } from '../../../shared/contracts/http/rate-limits.ts';
import type { BudgetThresholdReached } from '../../../shared/contracts/queues.ts';
import { createDatabase, type Database } from '../../../shared/db/client.ts';
import type { ChangeContext } from '../../../shared/services/change-configuration.ts';
import { createBudget } from '../../../shared/services/create-budget.ts';
import { createRateLimit } from '../../../shared/services/create-rate-limit.ts';
import { deleteBudget } from '../../../shared/services/delete-budget.ts';
import { deleteRateLimit } from '../../../shared/services/delete-rate-limit.ts';
import { getBudget } from '../../../shared/services/get-budget.ts';
import { getRateLimit } from '../../../shared/services/get-rate-limit.ts';
import { listBudgets } from '../../../shared/services/list-budgets.ts';
import { listRateLimits } from '../../../shared/services/list-rate-limits.ts';
import { loadTenantSnapshot } from '../../../shared/services/load-tenant-snapshot.ts';
import { recordThresholdEvents } from '../../../shared/services/record-threshold-events.ts';
import { updateBudget } from '../../../shared/services/update-budget.ts';
import { updateRateLimit } from '../../../shared/services/update-rate-limit.ts';
import { createTestDatabase } from '../../harness/postgres.ts';

interface Tenant {
  readonly tenantId: string;
  readonly environmentId: string;
  readonly apiKeyId: string;
}

let database: Awaited<ReturnType<typeof createTestDatabase>>;
let owner: pg.Client;
let db: Database;
let ledgerDb: Database;

beforeAll(async () => {
  database = await createTestDatabase();
  const { neonEndpoint } = database;
  owner = new pg.Client({ connectionString: database.url });
  await owner.connect();
  db = createDatabase({ databaseUrl: database.appUrl, neonEndpoint });
  ledgerDb = createDatabase({ databaseUrl: database.ledgerUrl, neonEndpoint });
});

afterAll(async () => {
  await owner?.end();
  await database?.close();
});

async function mintTenant(plan = 'starter'): Promise<Tenant> {
  const [tenantId, environmentId, apiKeyId] = [randomUUID(), randomUUID(), randomUUID()];
  await owner.query(`insert into tenants (id, name, slug, region, plan) values ($1, 'T', $2, 'eu', $3)`, [
    tenantId,
    tenantId,
    plan,
  ]);
  await owner.query(`insert into environments (id, tenant_id, name, type) values ($1, $2, 'dev', 'dev')`, [
    environmentId,
    tenantId,
  ]);
  await owner.query(
    `insert into api_keys (id, tenant_id, environment_id, name, key_prefix, key_hash) values ($1, $2, $3, 'k', 'p', 'h')`,
    [apiKeyId, tenantId, environmentId],
  );
  return { tenantId, environmentId, apiKeyId };
}

const USER_ID = randomUUID();

const by = ({ tenantId }: Tenant, more: Partial<ChangeContext> = {}): ChangeContext => ({
  ...{ db, tenantId, actor: { kind: 'user', userId: USER_ID }, requestId: randomUUID() },
  ...{ ip: '192.0.2.1', userAgent: 'a browser' },
  ...more,
});

const budgetOf = (more: Partial<BudgetInput> = {}): BudgetInput =>
  budgetInput.parse({ name: 'research', amountUsd: '250.00', period: 'month', ...more });

const rateOf = (more: Partial<RateLimitInput> = {}): RateLimitInput =>
  rateLimitInput.parse({ maxRequests: 10, ...more });

/** The value of what must have gone well. */
function expectOk<T>(
  result: { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: unknown },
): T {
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  return result.value;
}

const versionOf = async ({ tenantId }: Tenant) =>
  (await owner.query<{ version: number }>('select config_version as version from tenants where id = $1', [tenantId]))
    .rows[0]?.version;

const auditOf = async ({ tenantId }: Tenant) =>
  (
    await owner.query(
      `select actor_user_id, actor_api_key_id, action, target_type, target_id, host(ip) as ip, user_agent, metadata
       from audit_logs where tenant_id = $1 order by created_at`,
      [tenantId],
    )
  ).rows;

/** What a change leaves behind beside its row. */
const traces = async (tenant: Tenant) => ({ version: await versionOf(tenant), audit: (await auditOf(tenant)).length });

const FIRST = { limit: 50, cursor: undefined };

describe('a change of configuration', () => {
  it('leaves its row, one audit row and a raised version', async () => {
    const tenant = await mintTenant();
    const change = by(tenant);
    const created = expectOk(await createBudget(change, budgetOf({ thresholds: [100, 50, 50] })));
    expect(created).toMatchObject({ name: 'research', amountUsd: '250', period: 'month', scope: {}, hardStop: true });
    expect(created.thresholds).toEqual([50, 100]);
    expect(await getBudget({ db, tenantId: tenant.tenantId, id: created.id })).toEqual({
      ...created,
      thresholdEvents: [],
    });
    expect(await versionOf(tenant)).toBe(2);
    expect(await auditOf(tenant)).toEqual([
      {
        actor_user_id: USER_ID,
        actor_api_key_id: null,
        action: 'budget.created',
        target_type: 'budget',
        target_id: created.id,
        ip: '192.0.2.1',
        user_agent: 'a browser',
        metadata: { requestId: change.requestId, after: created },
      },
    ]);
  });

  it('names the key that made it, and does without an address', async () => {
    const tenant = await mintTenant();
    const { apiKeyId } = tenant;
    const change = by(tenant, { actor: { kind: 'api_key', apiKeyId }, ip: null, userAgent: null });
    expectOk(await createRateLimit(change, rateOf()));
    const key = { actor_user_id: null, actor_api_key_id: apiKeyId, ip: null, user_agent: null };
    expect(await auditOf(tenant)).toMatchObject([{ action: 'rate_limit.created', target_type: 'rate_limit', ...key }]);
  });

  it('tells what was, and what is', async () => {
    const tenant = await mintTenant();
    const created = expectOk(await createBudget(by(tenant), budgetOf()));
    const change = { amountUsd: '300.5', scope: { environmentId: tenant.environmentId, model: 'gpt-4o-mini' } };
    const updated = expectOk(await updateBudget(by(tenant), created.id, change));
    expect(updated).toEqual({ ...created, ...change });
    expect(await deleteBudget(by(tenant), created.id)).toEqual({ ok: true, value: null });
    expect(await getBudget({ db, tenantId: tenant.tenantId, id: created.id })).toBeNull();
    const audit = await auditOf(tenant);
    expect(audit.map(({ action }) => action)).toEqual(['budget.created', 'budget.updated', 'budget.deleted']);
    expect(audit[1].metadata).toMatchObject({ before: created, after: updated });
    expect(audit[2].metadata).toEqual({ requestId: audit[2].metadata.requestId, before: updated });
    expect(await versionOf(tenant)).toBe(4);
  });

  it('that is refused leaves nothing', async () => {
    const tenant = await mintTenant();
    const created = expectOk(await createBudget(by(tenant), budgetOf()));
    const limit = expectOk(await createRateLimit(by(tenant), rateOf()));
    const before = await traces(tenant);
    const missing = { environmentId: randomUUID(), apiKeyId: randomUUID() };
    const unknown = (...fields: string[]) => ({ ok: false, error: { reason: 'unknown_references', fields } });
    const refused = (reason: string) => ({ ok: false, error: { reason } });
    expect(await createBudget(by(tenant), budgetOf())).toEqual(refused('name_taken'));
    expect(await createBudget(by(tenant), budgetOf({ scope: missing }))).toEqual(unknown('environmentId', 'apiKeyId'));
    expect(await updateBudget(by(tenant), created.id, { scope: missing })).toEqual(
      unknown('environmentId', 'apiKeyId'),
    );
    expect(await updateBudget(by(tenant), randomUUID(), { amountUsd: '1' })).toEqual(refused('not_found'));
    expect(await deleteBudget(by(tenant), randomUUID())).toEqual(refused('not_found'));
    expect(await createRateLimit(by(tenant), rateOf(missing))).toEqual(unknown('environmentId', 'apiKeyId'));
    expect(await updateRateLimit(by(tenant), limit.id, { apiKeyId: missing.apiKeyId })).toEqual(unknown('apiKeyId'));
    expect(await updateRateLimit(by(tenant), limit.id, { maxRequests: null })).toEqual(refused('inconsistent'));
    expect(await updateRateLimit(by(tenant), limit.id, { queueMs: 5 })).toEqual(refused('inconsistent'));
    expect(await traces(tenant)).toEqual(before);
    expect(await getRateLimit({ db, tenantId: tenant.tenantId, id: limit.id })).toEqual(limit);
  });

  it('goes one after another with those of the same tenant', async () => {
    const tenant = await mintTenant();
    const { id } = expectOk(await createBudget(by(tenant), budgetOf()));
    await Promise.all(
      Array.from({ length: 10 }, async (_, at) => {
        expectOk(await createRateLimit(by(tenant), rateOf({ maxRequests: at })));
        expectOk(await updateBudget(by(tenant), id, { amountUsd: String(at) }));
      }),
    );
    expect(await traces(tenant)).toEqual({ version: 22, audit: 21 });
    const updates = (await auditOf(tenant)).filter(({ action }) => action === 'budget.updated');
    const became = new Map(updates.map(({ metadata }) => [metadata.before.amountUsd, metadata.after.amountUsd]));
    const order = ['250'];
    for (let next = became.get('250'); next !== undefined; next = became.get(next)) order.push(next);
    expect(order).toHaveLength(11);
  });
});

describe('M10: money', () => {
  it.each([
    ['0.000000000001', '0.000000000001', '1'],
    ['99999999999999.999999999999', '99999999999999.999999999999', '99999999999999999999999999'],
    ['9007199254740993', null, null],
    ['0.1', '0.1', '100000000000'],
    ['250.00', '250', '250000000000000'],
    ['0', '0', '0'],
    [0.1, '0.1', '100000000000'],
    [1e6, '1000000', '1000000000000000000'],
    [123456789.123456, '123456789.123456', '123456789123456000000'],
    [0.1 + 0.2, null, null],
    [2 ** 53, null, null],
    [1e-7, null, null],
    [-1, null, null],
    [Number.NaN, null, null],
    ['-1', null, null],
    ['1e3', null, null],
    ['007', null, null],
    ['1.', null, null],
    ['1.0000000000001', null, null],
    ['', null, null],
    [null, null, null],
  ])('%s is %s dollars and %s pico-dollars, in Postgres and in the snapshot', async (amountUsd, dollars, picoUsd) => {
    const parsed = budgetInput.safeParse({ name: 'a', period: 'day', amountUsd });
    expect(parsed.success).toBe(dollars !== null);
    if (!parsed.success) return;
    const tenant = await mintTenant();
    const created = expectOk(await createBudget(by(tenant), parsed.data));
    expect(created.amountUsd).toBe(dollars);
    const { tenantId } = tenant;
    expect((await loadTenantSnapshot({ db, tenantId }))?.budgets).toMatchObject([{ amountPicoUsd: picoUsd }]);
  });
});

describe('lists', () => {
  it('go through all rows once, oldest first', async () => {
    const tenant = await mintTenant();
    const { tenantId } = tenant;
    for (const name of ['a', 'b', 'c', 'd', 'e']) expectOk(await createBudget(by(tenant), budgetOf({ name })));
    const pages: string[][] = [];
    let cursor: string | null | undefined;
    while (cursor !== null) {
      const page = await listBudgets({ db, tenantId, page: { limit: 2, cursor } });
      pages.push(page.data.map(({ name }) => name));
      cursor = page.nextCursor;
    }
    expect(pages).toEqual([['a', 'b'], ['c', 'd'], ['e']]);
    expect(await listBudgets({ db, tenantId, page: { limit: 5, cursor: undefined } })).toMatchObject({
      nextCursor: null,
    });
    expect(await listRateLimits({ db, tenantId, page: FIRST })).toEqual({ data: [], nextCursor: null });
  });
});

describe('T1: another tenant', () => {
  it('can neither read, change nor remove budgets and rate limits, nor tell them from none', async () => {
    const [alice, bob] = [await mintTenant(), await mintTenant()];
    const budget = expectOk(await createBudget(by(alice), budgetOf()));
    const limit = expectOk(await createRateLimit(by(alice), rateOf()));
    const before = await traces(alice);
    const notFound = { ok: false, error: { reason: 'not_found' } };
    expect(await updateBudget(by(bob), budget.id, { amountUsd: '1' })).toEqual(notFound);
    expect(await deleteBudget(by(bob), budget.id)).toEqual(notFound);
    expect(await updateRateLimit(by(bob), limit.id, { maxRequests: 1 })).toEqual(notFound);
    expect(await deleteRateLimit(by(bob), limit.id)).toEqual(notFound);
    const { tenantId } = bob;
    expect(await getBudget({ db, tenantId, id: budget.id })).toBeNull();
    expect(await getRateLimit({ db, tenantId, id: limit.id })).toBeNull();
    expect((await listBudgets({ db, tenantId, page: FIRST })).data).toEqual([]);
    expect((await listRateLimits({ db, tenantId, page: FIRST })).data).toEqual([]);
    expect(await loadTenantSnapshot({ db, tenantId })).toMatchObject({ budgets: [], rateLimits: [] });
    expect(await traces(bob)).toEqual({ version: 1, audit: 0 });
    expect(await traces(alice)).toEqual(before);
    expect((await listBudgets({ db, tenantId: alice.tenantId, page: FIRST })).data).toEqual([budget]);
    expect((await listRateLimits({ db, tenantId: alice.tenantId, page: FIRST })).data).toEqual([limit]);
  });

  it('cannot be named in a scope, no more than what does not exist, and names do not collide', async () => {
    const [alice, bob] = [await mintTenant(), await mintTenant()];
    const { environmentId, apiKeyId } = alice;
    const unknown = { ok: false, error: { reason: 'unknown_references', fields: ['environmentId', 'apiKeyId'] } };
    expect(await createBudget(by(bob), budgetOf({ scope: { environmentId, apiKeyId } }))).toEqual(unknown);
    expect(await createRateLimit(by(bob), rateOf({ environmentId, apiKeyId }))).toEqual(unknown);
    expectOk(await createBudget(by(alice), budgetOf({ scope: { environmentId, apiKeyId } })));
    expectOk(await createBudget(by(bob), budgetOf()));
  });
});

describe('the snapshot', () => {
  it('has rate limits, by name or by what they say', async () => {
    const tenant = await mintTenant();
    const { environmentId, apiKeyId } = tenant;
    const named = rateOf({ name: 'burst', environmentId, apiKeyId, windowSeconds: 1, strategy: 'token-bucket' });
    const wide = rateOf({
      maxRequests: null,
      maxTokens: 2 ** 53 - 1,
      maxConcurrent: 8,
      queueMs: 500,
      windowSeconds: 120,
    });
    const limits = [
      expectOk(await createRateLimit(by(tenant), named)),
      expectOk(await createRateLimit(by(tenant), wide)),
    ];
    const snapshot = await loadTenantSnapshot({ db, tenantId: tenant.tenantId });
    expect(snapshot?.rateLimits).toEqual(limits.map(({ createdAt: _, ...limit }) => limit));
    expect(snapshot?.rateLimits).toMatchObject([
      { ...named, name: 'burst' },
      { ...wide, name: '9,007,199,254,740,991 tokens per 2 minutes, 8 at once' },
    ]);
    expect(await loadTenantSnapshot({ db: ledgerDb, tenantId: tenant.tenantId })).toEqual(snapshot);
  });

  it.each([
    ['starter', 100_000],
    ['professional', 1_000_000],
    ['enterprise', 10_000_000],
    ['enterprise_plus', null],
  ])('has the quota of the plan %s: %s', async (plan, maxRequests) => {
    const { tenantId } = await mintTenant(plan);
    expect((await loadTenantSnapshot({ db, tenantId }))?.quota).toEqual({ maxRequests });
  });

  it.each<[string, string, object, number | null]>([
    ['an agreed quota', 'active', { requests: 5 }, 5],
    ['one that is past due', 'past_due', { requests: 5 }, 5],
    ['one without a cap', 'active', { requests: null }, null],
    ['a canceled one', 'canceled', { requests: 5 }, 100_000],
    ['one of other things', 'active', { seats: 5 }, 100_000],
    ['one that cannot be read', 'active', { requests: '5' }, 100_000],
  ])('prefers what a subscription says: %s', async (_name, status, usageQuota, maxRequests) => {
    const { tenantId } = await mintTenant();
    await owner.query(
      `insert into subscriptions (tenant_id, plan, status, current_period_end, usage_quota)
       values ($1, 'starter', $2, now(), $3)`,
      [tenantId, status, usageQuota],
    );
    for (const role of [db, ledgerDb]) {
      expect((await loadTenantSnapshot({ db: role, tenantId }))?.quota).toEqual({ maxRequests });
    }
  });

  it.each([
    ['UTC', 'UTC'],
    ['America/Argentina/Buenos_Aires', 'America/Argentina/Buenos_Aires'],
    ['Etc/GMT+5', 'Etc/GMT+5'],
    ['Atlantis/Capital', 'UTC'],
  ])('has the time zone %s as %s', async (zone, expected) => {
    const { tenantId } = await mintTenant();
    await owner.query('update tenants set time_zone = $2 where id = $1', [tenantId, zone]);
    expect((await loadTenantSnapshot({ db, tenantId }))?.timeZone).toBe(expected);
  });
});

describe('recordThresholdEvents', () => {
  const reached = (budgetId: string, more: Partial<BudgetThresholdReached> = {}): BudgetThresholdReached => ({
    ...{ type: 'budget.threshold_reached', eventId: randomUUID(), budgetId, budgetName: 'research', threshold: 50 },
    ...{ periodStart: Date.UTC(2026, 10, 1), capPicoUsd: '2000000000001', spentPicoUsd: '1000000000000' },
    reachedAt: Date.UTC(2026, 10, 3),
    ...more,
  });

  it('writes each threshold of a period down once, however often it is told of', async () => {
    const tenant = await mintTenant();
    const { tenantId } = tenant;
    const { id } = expectOk(await createBudget(by(tenant), budgetOf()));
    const first = reached(id);
    const later = reached(id, { periodStart: Date.UTC(2026, 11, 1), threshold: 80 });
    const again = { ...first, eventId: randomUUID(), spentPicoUsd: '1500000000000' };
    for (const events of [[first, first, again], [later, first], [], [again]]) {
      await Promise.all([1, 2].map(() => recordThresholdEvents({ db: ledgerDb, tenantId, events })));
    }
    expect((await getBudget({ db, tenantId, id }))?.thresholdEvents).toEqual([
      {
        threshold: 80,
        periodStart: '2026-12-01T00:00:00.000Z',
        capUsd: '2.000000000001',
        spentUsd: '1',
        reachedAt: '2026-11-03T00:00:00.000Z',
      },
      {
        threshold: 50,
        periodStart: '2026-11-01T00:00:00.000Z',
        capUsd: '2.000000000001',
        spentUsd: '1',
        reachedAt: '2026-11-03T00:00:00.000Z',
      },
    ]);
  });

  it('also of a budget that is gone, and of one without periods', async () => {
    const { tenantId } = await mintTenant();
    await recordThresholdEvents({ db: ledgerDb, tenantId, events: [reached(randomUUID(), { periodStart: 0 })] });
    const { rows } = await owner.query('select period_start from budget_threshold_events where tenant_id = $1', [
      tenantId,
    ]);
    expect(rows).toEqual([{ period_start: new Date(0) }]);
  });

  it('shows none of another tenant', async () => {
    const [alice, bob] = [await mintTenant(), await mintTenant()];
    const { id } = expectOk(await createBudget(by(alice), budgetOf()));
    await recordThresholdEvents({ db: ledgerDb, tenantId: bob.tenantId, events: [reached(id)] });
    expect((await getBudget({ db, tenantId: alice.tenantId, id }))?.thresholdEvents).toEqual([]);
  });
});

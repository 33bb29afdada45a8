import { abortAllDurableObjects, evictDurableObject } from 'cloudflare:test';
import { describe, expect, it } from 'vitest';
import { tenantGate } from '../../../durable-objects/stubs.ts';
import type { LedgerDifference } from '../../../shared/services/verify-ledger.ts';
import { eventually } from '../../harness/eventually.ts';
import {
  AMOUNT,
  countOf,
  drawsOf,
  endOf,
  expireLeases,
  type GateTenant,
  mintGateTenant,
  recordOf,
} from '../../harness/gate-tenant.ts';
import { ownerSql, type TestTenant, testEnv } from '../../harness/mint-tenant.ts';
import { runJob } from '../../harness/run-job.ts';
import { seededRandom } from '../../harness/seeded-random.ts';

interface Result {
  readonly tenants: number;
  readonly exact: number;
  readonly within: number;
  readonly different: number;
  readonly unchecked: number;
  readonly differences: readonly LedgerDifference[];
  readonly notChecked: readonly unknown[];
}

async function reconcile({ tenantId }: TestTenant): Promise<Result> {
  const job = await runJob('reconcile', { tenantId });
  expect(job).toMatchObject({ status: 'succeeded', error: null });
  return job?.result as Result;
}

const EXACT = { tenants: 1, exact: 1, within: 0, different: 0, unchecked: 0, differences: [], notChecked: [] };

/** The gate as it is after whatever became of the object before. */
const current = (to: GateTenant): GateTenant => ({ ...to, gate: tenantGate(testEnv, to.tenant.tenantId) });

async function untilRecorded({ gate }: GateTenant): Promise<void> {
  expect(
    await eventually(
      () => countOf(gate, 'outbox'),
      (count) => count === 0,
    ),
  ).toBe(0);
}

/**
 * Requests of one lease, as an isolate tells of them: their ends arrive once, or twice, or late, when their time is over
 * and they were counted as lost, or never. In between the object may be evicted or crash.
 */
async function playLease(to: GateTenant, random: () => number, requests: number): Promise<void> {
  const leaseId = crypto.randomUUID();
  const holds = Array.from({ length: requests }, () => to.hold());
  const draws = await Promise.all(holds.map((hold) => drawsOf(to, leaseId, hold)));
  const costs = holds.map(() => BigInt(Math.floor(random() * 10_000_000)));
  const statements = new Map<string, ReturnType<typeof endOf>[number]>();
  for (const [at, ended] of draws.entries()) {
    for (const statement of endOf(ended, costs[at])) {
      const key = `${statement.limitId} ${statement.start}`;
      const known = statements.get(key);
      const [spent, released] = [(known?.spent ?? 0n) + statement.spent, (known?.released ?? 0n) + statement.released];
      statements.set(key, { ...statement, spent, released });
    }
  }
  const command = to.command({
    ...{ leaseId, sequence: 1, isIdle: true, statements: [...statements.values()] },
    events: holds.map((hold, at) => recordOf(hold, costs[at])),
    settledIds: holds.map(({ requestId }) => requestId),
  });
  const fate = random();
  if (fate < 0.1) await abortAllDurableObjects();
  else if (fate < 0.2) await evictDurableObject(to.gate);
  else if (fate < 0.3) await expireLeases(to.gate);
  const { gate } = current(to);
  if (fate >= 0.27 && fate < 0.3) return;
  await gate.sync(command);
  if (fate > 0.8) await gate.sync(command);
}

/** Changes what nobody may change, as only the tables' owner can. */
async function forge(text: string, tenantId: string): Promise<void> {
  const sql = ownerSql();
  await sql.transaction([
    sql`alter table ledger_postings disable trigger user`,
    sql.query(text, [tenantId]),
    sql`alter table ledger_postings enable always trigger append_only, enable always trigger append_only_whole`,
  ]);
}

const sumsOf = async ({ tenantId }: TestTenant) =>
  (
    await ownerSql()`
      select sum(held)::text as held, sum(available + held + spent + estimated + adjustment)::text as total
      from ledger_postings where tenant_id = ${tenantId}`
  )[0];

describe('the nightly reconciliation', () => {
  it('M8: finds no difference after 2,000 random requests with crashes', { timeout: 120_000 }, async () => {
    const to = await mintGateTenant();
    const random = seededRandom(8);
    let requests = 0;
    while (requests < 2_000) {
      const together = 1 + Math.floor(random() * 20);
      await playLease(current(to), random, together);
      requests += together;
    }
    await untilRecorded(current(to));
    const [row] = await ownerSql()`
      select count(*)::int as requests, count(distinct status)::int as statuses, sum(revision)::int as revisions
      from requests where tenant_id = ${to.tenant.tenantId}`;
    expect(row).toMatchObject({ requests, statuses: 2 });
    expect(row?.revisions).toBeGreaterThan(requests);
    expect(await reconcile(to.tenant)).toEqual(EXACT);
  });

  it('M8: names one pico-dollar in a posting, one request, and one token', async () => {
    const to = await mintGateTenant();
    const { tenantId } = to.tenant;
    await playLease(to, () => 0.5, 10);
    await untilRecorded(to);
    expect(await reconcile(to.tenant), 'control').toEqual(EXACT);

    await forge(
      `update ledger_postings set spent = spent + 1e-12, available = available - 1e-12
       where ctid = (select ctid from ledger_postings where tenant_id = $1 and kind = 'settled' limit 1)`,
      tenantId,
    );
    const one = await reconcile(to.tenant);
    expect(one).toMatchObject({ exact: 0, different: 1 });
    const [posting, gate] = one.differences;
    expect(one.differences).toHaveLength(2);
    expect(posting).toMatchObject({
      tenantId,
      check: 'postings',
      unit: 'spent',
      dimensions: { requestId: expect.any(String) },
    });
    expect(gate).toMatchObject({ tenantId, check: 'gate', unit: 'cost_usd', dimensions: { account: 'spent' } });
    for (const { expected, found } of one.differences) expect(picoOf(found) - picoOf(expected)).toBe(1n);

    for (const unit of ['requests', 'tokens']) {
      await ownerSql()`
        update usage_aggregates set value = value + 1
        where tenant_id = ${tenantId} and unit = ${unit} and period_end - period_start = '1 hour'`;
    }
    const { differences } = await reconcile(to.tenant);
    expect(differences.map(({ check, unit }) => `${check} ${unit}`)).toEqual([
      'usage requests',
      'usage tokens',
      'postings spent',
      'gate cost_usd',
    ]);
  });

  it('M8: names what the gate counted and the ledger never had', async () => {
    const to = await mintGateTenant();
    await playLease(to, () => 0.5, 3);
    await untilRecorded(to);
    await forge('delete from ledger_postings where tenant_id = $1', to.tenant.tenantId);
    await ownerSql()`delete from requests where tenant_id = ${to.tenant.tenantId}`;
    await ownerSql()`delete from usage_aggregates where tenant_id = ${to.tenant.tenantId}`;
    await ownerSql()`delete from outcome_aggregates where tenant_id = ${to.tenant.tenantId}`;
    const { differences } = await reconcile(to.tenant);
    expect(differences).toMatchObject([{ check: 'gate', found: '0' }]);
  });

  it('marks what the gate has out as held, and as available again when it came back', async () => {
    const to = await mintGateTenant();
    const leaseId = crypto.randomUUID();
    const hold = to.hold();
    const draws = await drawsOf(to, leaseId, hold);
    expect(await reconcile(to.tenant)).toEqual(EXACT);
    expect(picoOf((await sumsOf(to.tenant))?.held)).toBe(AMOUNT);
    const ended = { events: [recordOf(hold)], settledIds: [hold.requestId], statements: endOf(draws) };
    await to.gate.sync(to.command({ leaseId, sequence: 1, ...ended, isIdle: true }));
    await untilRecorded(to);
    expect(await reconcile(to.tenant)).toEqual(EXACT);
    expect(await sumsOf(to.tenant)).toEqual({ held: '0.000000000000', total: '0.000000000000' });
  });
});

function picoOf(usd: string | undefined): bigint {
  const [whole = '', decimals = ''] = (usd ?? '').split('.');
  return BigInt(`${whole}${decimals.padEnd(12, '0')}`);
}

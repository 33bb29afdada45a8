import { abortAllDurableObjects, runDurableObjectAlarm } from 'cloudflare:test';
import { describe, expect, it } from 'vitest';
import { tenantGate } from '../../../durable-objects/stubs.ts';
import { eventually } from '../../harness/eventually.ts';
import {
  AMOUNT,
  budgetOf,
  COST,
  drawsOf,
  endOf,
  expireLeases,
  type Gate,
  type GateTenant,
  mintGateTenant,
  recordOf,
} from '../../harness/gate-tenant.ts';
import { ownerSql, testEnv } from '../../harness/mint-tenant.ts';

const SHARDS = 4;
const CAP_HOLDS = 1_000; // as many as fill the budget

const shardsOf = ({ tenant }: GateTenant): Gate[] =>
  Array.from({ length: SHARDS }, (_, at) => tenantGate(testEnv, tenant.tenantId, at + 1));

/** Asks one shard after the other until all of them refuse; answers how many holds each has granted. */
async function exhaust(to: GateTenant, shards: readonly Gate[], most: number): Promise<number[]> {
  const granted = shards.map(() => 0);
  const leases = shards.map(() => crypto.randomUUID());
  const isOpen = shards.map(() => true);
  for (let asked = 0; asked < most && isOpen.some(Boolean); asked++) {
    const at = asked % shards.length;
    if (!isOpen[at]) continue;
    const request = { leaseId: leases[at] ?? '', hold: to.hold(), knownConfigVersion: to.snapshot.configVersion };
    const reply = await shards[at]?.hold(request);
    if (reply?.decision.kind === 'granted') granted[at] = (granted[at] ?? 0) + 1;
    else isOpen[at] = false;
  }
  return granted;
}

describe('shards of a hot tenant', () => {
  it('know its configuration from the root, and record what their requests cost', async () => {
    const to = await mintGateTenant();
    const [shard] = shardsOf(to);
    if (!shard) throw new Error('there is no shard');
    const leaseId = crypto.randomUUID();
    const hold = to.hold();
    const draws = await drawsOf({ ...to, gate: shard }, leaseId, hold);
    const ended = { events: [recordOf(hold)], settledIds: [hold.requestId], statements: endOf(draws) };
    await shard.sync(to.command({ leaseId, sequence: 1, ...ended, isIdle: true }));
    await runDurableObjectAlarm(shard);
    await eventually(
      () => ownerSql()`select 1 from requests where tenant_id = ${to.tenant.tenantId}`,
      (rows) => rows.length === 1,
    );
    await runDurableObjectAlarm(shard);
    await runDurableObjectAlarm(shard);
    expect(await budgetOf(to.gate)).toEqual({ spent: COST, held: 0n, leased: 0n });
  });

  it('together never pass the cap, and use all of it', async () => {
    const to = await mintGateTenant();
    const granted = await exhaust(to, shardsOf(to), 3 * CAP_HOLDS);
    const sum = granted.reduce((all, one) => all + one, 0);
    expect(sum).toBeLessThanOrEqual(CAP_HOLDS);
    expect(sum).toBeGreaterThanOrEqual(CAP_HOLDS * 0.99);
    const { spent, held, leased } = await budgetOf(to.gate);
    expect(spent + held + leased).toBeLessThanOrEqual(BigInt(CAP_HOLDS) * AMOUNT);
    const refused = await shardsOf(to)[0]?.hold({
      ...{ leaseId: crypto.randomUUID(), hold: to.hold(), knownConfigVersion: to.snapshot.configVersion },
    });
    expect(refused?.decision).toMatchObject({ refusal: { limit: { cap: BigInt(CAP_HOLDS) * AMOUNT } } });
  });

  it('refuse none of the holds that come at once while the root has room for all of them', async () => {
    const to = await mintGateTenant();
    const shards = shardsOf(to);
    const asked = Array.from({ length: CAP_HOLDS / 2 }, (_, at) => ({ shard: shards[at % SHARDS], hold: to.hold() }));
    const leases = shards.map(() => crypto.randomUUID());
    const replies = await Promise.all(
      asked.map(({ shard, hold }, at) =>
        shard?.hold({
          ...{ leaseId: leases[at % SHARDS] ?? '', hold, knownConfigVersion: to.snapshot.configVersion },
        }),
      ),
    );
    expect(new Set(replies.map((reply) => reply?.decision.kind))).toEqual(new Set(['granted']));
  });

  it('lose nothing when they and their root are killed in the middle', async () => {
    const to = await mintGateTenant();
    const shards = shardsOf(to);
    const first = await exhaust(to, shards, 100);
    await abortAllDurableObjects();
    const second = await exhaust(to, shardsOf(to), 3 * CAP_HOLDS);
    const sum = [...first, ...second].reduce((all, one) => all + one, 0);
    expect(sum).toBeLessThanOrEqual(CAP_HOLDS);
    expect(sum).toBeGreaterThanOrEqual(CAP_HOLDS * 0.99);
  });

  it('give back what nobody needs, and count what was lost with an isolate as spent', async () => {
    const to = await mintGateTenant();
    const [shard] = shardsOf(to);
    if (!shard) throw new Error('there is no shard');
    await drawsOf({ ...to, gate: shard }, crypto.randomUUID(), to.hold());
    await runDurableObjectAlarm(shard); // notes that the hold was needed
    await runDurableObjectAlarm(shard); // and that nothing is any more
    expect(await budgetOf(to.gate)).toEqual({ spent: 0n, held: AMOUNT, leased: 0n });
    await expireLeases(shard);
    await runDurableObjectAlarm(shard);
    expect(await budgetOf(to.gate)).toEqual({ spent: AMOUNT, held: 0n, leased: 0n });
  });
});

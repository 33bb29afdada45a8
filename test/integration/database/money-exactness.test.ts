import fc from 'fast-check';
import pg from 'pg';
import { uuidv7 } from 'uuidv7';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RequestRecorded } from '../../../shared/contracts/queues.ts';
import { createDatabase, type Database } from '../../../shared/db/client.ts';
import { recordRequests } from '../../../shared/services/record-requests.ts';
import { ledgerOf, storedLedger } from '../../harness/ledger-truth.ts';
import { createTestDatabase } from '../../harness/postgres.ts';
import { batches, correctedEvent, recordedEvent, shuffled } from '../../harness/request-events.ts';
import { seededRandom } from '../../harness/seeded-random.ts';

const A_MILLION = 1_000_000;
const M1_BATCH = 1_000;
const M1_TIMEOUT_MS = 600_000;
const M4_REQUESTS = 40;

let database: Awaited<ReturnType<typeof createTestDatabase>>;
let owner: pg.Client;
/** Two ledgers, each with connections of its own. */
let ledgers: readonly [Database, Database];

beforeAll(async () => {
  database = await createTestDatabase();
  owner = new pg.Client({ connectionString: database.url });
  await owner.connect();
  const connect = () => createDatabase({ databaseUrl: database.ledgerUrl, neonEndpoint: database.neonEndpoint });
  ledgers = [connect(), connect()];
});

afterAll(async () => {
  await owner?.end();
  await database?.close();
});

describe('M1: 1,000,000 usage events of $0.000003', () => {
  it(
    'are exactly $3.000000000000 in rows, in sums and in the ledger of money',
    async () => {
      const tenantId = await mintTenant();
      const event = recordedEvent(1, seededRandom(1), { costPicoUsd: '3000000', status: 'completed', errorCode: null });
      await Promise.all(
        ledgers.map(async (db) => {
          for (let recorded = 0; recorded < A_MILLION / ledgers.length; recorded += M1_BATCH) {
            const events = Array.from({ length: M1_BATCH }, () => ({ ...event, requestId: uuidv7() })); // in order, as they come
            await recordRequests({ db, tenantId, events });
          }
        }),
      );
      const three = '3.000000000000';
      expect(
        await read(`select count(*) as n, sum(cost_usd) as cost from requests where tenant_id = $1`, tenantId),
      ).toEqual([{ n: '1000000', cost: three }]);
      expect(
        await read(
          `select unit, (period_end - period_start)::text as period, sum(value) as value, sum(cost_usd) as cost
           from usage_aggregates where tenant_id = $1 and unit = 'cost_usd' group by 1, 2 order by 2`,
          tenantId,
        ),
      ).toEqual([
        { unit: 'cost_usd', period: '01:00:00', value: three, cost: three },
        { unit: 'cost_usd', period: '1 day', value: three, cost: three },
      ]);
      expect(
        await read(
          `select count(*) as n, sum(available) as available, sum(spent) as spent, sum(estimated) as estimated
           from ledger_postings where tenant_id = $1`,
          tenantId,
        ),
      ).toEqual([{ n: '1000000', available: `-${three}`, spent: three, estimated: '0.000000000000' }]);
    },
    M1_TIMEOUT_MS,
  );

  it('control: as floats they are something else', () => {
    let sum = 0;
    for (let event = 0; event < A_MILLION; event++) sum += 0.000003;
    expect(sum).not.toBe(3);
    expect(sum.toFixed(12)).not.toBe('3.000000000000');
  });
});

describe('M4: the same events, each delivered 1 to 50 times, shuffled, by two ledgers at once', () => {
  /** Requests of which some are estimates that are corrected once or twice: all revisions, and the last of each. */
  function play(seed: number) {
    const random = seededRandom(seed);
    const revisions = Array.from({ length: M4_REQUESTS }, (_, at) => {
      const chain = [recordedEvent(at, random, at % 3 === 0 ? { status: 'estimated', usage: {} } : {})];
      for (let more = at % 3 === 0 ? at % 4 : 0; more > 0; more--) {
        const last = chain.at(-1);
        if (last) chain.push(correctedEvent(last, { inputTokens: more }, String(Math.floor(random() * 1e13))));
      }
      return chain;
    });
    const events = revisions.flat();
    const truth = revisions.flatMap((chain) => chain.slice(-1));
    const deliveries = shuffled(
      events.flatMap((event) => Array.from({ length: 1 + Math.floor(random() * 50) }, () => event)),
      random,
    );
    return { random, events, truth, deliveries };
  }

  async function deliver(tenantId: string, deliveries: readonly RequestRecorded[], random: () => number) {
    const parts = batches(deliveries, () => 1 + Math.floor(random() * 100));
    await Promise.all(
      ledgers.map(async (db, at) => {
        for (const events of parts.filter((_, part) => part % ledgers.length === at)) {
          await recordRequests({ db, tenantId, events });
        }
      }),
    );
  }

  it('leave one row a request and one posting a revision, and the sums of a single delivery in order', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: 2 ** 31 }), async (seed) => {
        const { random, events, truth, deliveries } = play(seed);
        const [noisy, quiet] = [await mintTenant(), await mintTenant()];
        await deliver(noisy, deliveries, random);
        for (const event of events) await recordRequests({ db: ledgers[0], tenantId: quiet, events: [event] });
        expect(await stored(noisy)).toEqual(ledgerOf(truth));
        expect(await stored(noisy)).toEqual(await stored(quiet));
        const postings = `select event_id, revision, count(*)::int as n from ledger_postings
          where tenant_id = $1 group by event_id, revision order by event_id, revision`;
        const each = (await read<{ n: number }>(postings, noisy)).map(({ n }) => n);
        expect(each.every((n) => n === 1)).toBe(true);
        expect(each.length).toBeGreaterThanOrEqual(M4_REQUESTS);
        expect(await read(postings, quiet)).toHaveLength(events.length);
      }),
      { numRuns: 5, seed: 4 },
    );
  });

  it('control: without the ids of their events they are counted as often as they came', async () => {
    const { random, truth, deliveries } = play(4);
    const tenantId = await mintTenant();
    await deliver(
      tenantId,
      deliveries.map((event) => ({ ...event, requestId: crypto.randomUUID() })),
      random,
    );
    const { usage, outcomes, money } = await stored(tenantId);
    expect(usage).not.toEqual(ledgerOf(truth).usage);
    expect(outcomes).not.toEqual(ledgerOf(truth).outcomes);
    expect(money).toHaveLength(deliveries.length);
  });
});

async function mintTenant(): Promise<string> {
  const tenantId = crypto.randomUUID();
  await owner.query(`insert into tenants (id, name, slug, region) values ($1::uuid, 'Test', $1::text, 'eu')`, [
    tenantId,
  ]);
  return tenantId;
}

async function read<Row extends object>(text: string, tenantId: string): Promise<Row[]> {
  return (await owner.query<Row>(text, [tenantId])).rows;
}

const stored = (tenantId: string) =>
  storedLedger(async (text, values) => (await owner.query(text, values)).rows, tenantId);

import fc from 'fast-check';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RequestRecorded } from '../../../shared/contracts/queues.ts';
import { createDatabase, type Database } from '../../../shared/db/client.ts';
import { recordRequests } from '../../../shared/services/record-requests.ts';
import { usdOf } from '../../harness/ledger-truth.ts';
import { createTestDatabase } from '../../harness/postgres.ts';
import { recordedEvent } from '../../harness/request-events.ts';
import { seededRandom } from '../../harness/seeded-random.ts';

let database: Awaited<ReturnType<typeof createTestDatabase>>;
let owner: pg.Client;
let ledger: pg.Client;
let db: Database;
let tenantId: string;

beforeAll(async () => {
  database = await createTestDatabase();
  [owner, ledger] = [database.url, database.ledgerUrl].map(
    (connectionString) => new pg.Client({ connectionString }),
  ) as [pg.Client, pg.Client];
  await Promise.all([owner.connect(), ledger.connect()]);
  db = createDatabase({ databaseUrl: database.ledgerUrl, neonEndpoint: database.neonEndpoint });
  tenantId = await mintTenant();
  await recordRequests({ db, tenantId, events: [recordedEvent(1, seededRandom(1))] });
});

afterAll(async () => {
  await Promise.all([owner?.end(), ledger?.end()]);
  await database?.close();
});

const INSERT = 'insert into ledger_postings (tenant_id, event_id, revision, kind, occurred_at';
const UNBALANCED = `${INSERT}, available, spent) select id, gen_random_uuid(), 1, 'settled', now(), -1, 1.000000000001 from tenants`;
const BALANCED = `${INSERT}, available, spent) select id, gen_random_uuid(), 1, 'settled', now(), -1, 1 from tenants`;

describe('the database refuses', () => {
  it.each([
    ['a posting that does not sum to zero', UNBALANCED, 'ledger_postings_sum_to_zero'],
    [
      'a second posting of a revision',
      `${INSERT}) select tenant_id, event_id, revision, kind, now() from ledger_postings`,
      'ledger_postings_tenant_id_event_id_revision_key',
    ],
    [
      'an adjustment without a reason',
      `${INSERT}) select id, gen_random_uuid(), 1, 'adjusted', now() from tenants`,
      'ledger_postings_reason',
    ],
    [
      'a reason for anything else',
      `${INSERT}, reason) select id, gen_random_uuid(), 1, 'settled', now(), 'why' from tenants`,
      'ledger_postings_reason',
    ],
    ['an unknown kind', BALANCED.replace("'settled'", "'gift'"), 'ledger_postings_kind_check'],
  ])('%s, by the ledger and by the owner', async (_, statement, constraint) => {
    expect(await attempt(ledger, statement)).toContain(constraint);
    expect(await attempt(owner, statement)).toContain(constraint);
  });

  it.each([
    ['an update', 'update ledger_postings set spent = spent'],
    ['a delete', 'delete from ledger_postings'],
    ['a truncate', 'truncate ledger_postings'],
  ])('%s of postings, by the ledger, by the owner, and in a session without triggers', async (_, statement) => {
    expect(await attempt(ledger, statement)).toContain('permission denied');
    expect(await attempt(owner, statement)).toContain('ledger_postings is append-only');
    expect(await attempt(owner, `set local session_replication_role = replica; ${statement}`)).toContain('append-only');
  });

  it.each([
    ['alter table ledger_postings drop constraint ledger_postings_sum_to_zero', UNBALANCED],
    ['alter table ledger_postings disable trigger append_only', 'update ledger_postings set spent = spent'],
    ['alter table ledger_postings disable trigger append_only', 'delete from ledger_postings'],
    ['alter table ledger_postings disable trigger append_only_whole', 'truncate ledger_postings'],
  ])('control: "%s" lets it happen', async (change, statement) => {
    expect(await attempt(owner, `${change}; ${statement}`)).toBe('accepted');
  });

  it('control: a balanced posting is accepted', async () => {
    expect(await attempt(ledger, BALANCED)).toBe('accepted');
  });
});

describe('the postings of a request', () => {
  const estimate = (cost: string): Partial<RequestRecorded> => ({ status: 'estimated', costPicoUsd: cost });
  const settled = (revision: number, cost: string): Partial<RequestRecorded> => ({
    ...{ status: 'completed', costPicoUsd: cost, revision },
  });

  it.each<[string, Partial<RequestRecorded>[], string[]]>([
    ['settled at once', [settled(1, '5')], ['1 settled available -5 spent 5 estimated 0']],
    ['settled for nothing', [settled(1, '0')], ['1 settled available 0 spent 0 estimated 0']],
    ['estimated', [estimate('5')], ['1 estimated available -5 spent 0 estimated 5']],
    [
      'estimated, then found to cost less',
      [estimate('5'), settled(2, '3')],
      ['1 estimated available -5 spent 0 estimated 5', '2 corrected available 2 spent 3 estimated -5'],
    ],
    [
      'corrected twice, upwards',
      [estimate('5'), settled(2, '3'), settled(3, '9')],
      [
        '1 estimated available -5 spent 0 estimated 5',
        '2 corrected available 2 spent 3 estimated -5',
        '3 corrected available -6 spent 6 estimated 0',
      ],
    ],
    [
      'corrected before its estimate came',
      [settled(2, '3'), estimate('5')],
      ['2 settled available -3 spent 3 estimated 0'],
    ],
    [
      'corrected by an estimate',
      [settled(1, '3'), { ...estimate('4'), revision: 2 }],
      ['1 settled available -3 spent 3 estimated 0', '2 corrected available -1 spent -3 estimated 4'],
    ],
  ])('%s', async (_, revisions, expected) => {
    const tenantId = await mintTenant();
    const request = recordedEvent(1, seededRandom(1));
    for (const change of revisions) await recordRequests({ db, tenantId, events: [{ ...request, ...change }] });
    const { rows } = await owner.query<{ line: string }>(
      `select concat_ws(' ', revision, kind, 'available', (available * 1e12)::bigint, 'spent', (spent * 1e12)::bigint,
         'estimated', (estimated * 1e12)::bigint) as line
       from ledger_postings where tenant_id = $1 order by revision`,
      [tenantId],
    );
    expect(rows.map(({ line }) => line)).toEqual(expected);
  });

  it('come to what its last revision costs, whatever came before, and all accounts to nothing', async () => {
    const revision = fc.record({
      revision: fc.integer({ min: 1, max: 5 }),
      cost: fc.bigInt({ min: 0n, max: 10n ** 18n }),
      isEstimate: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(revision, { minLength: 1, maxLength: 12 }), async (revisions) => {
        const tenantId = await mintTenant();
        const request = recordedEvent(1, seededRandom(1));
        for (const { revision, cost, isEstimate } of revisions) {
          const status = isEstimate ? 'estimated' : 'completed';
          const event = { ...request, revision, status, costPicoUsd: String(cost) } satisfies RequestRecorded;
          await recordRequests({ db, tenantId, events: [event] });
        }
        const last = revisions.reduce((one, other) => (other.revision > one.revision ? other : one)); // the first to come
        const { rows } = await owner.query(
          `select sum(available)::text as available, sum(spent)::text as spent, sum(estimated)::text as estimated,
             sum(available + held + spent + estimated + adjustment) = 0 as balanced
           from ledger_postings where tenant_id = $1`,
          [tenantId],
        );
        const [spent, estimated] = last.isEstimate ? [0n, last.cost] : [last.cost, 0n];
        expect(rows).toEqual([
          { available: usdOf(-last.cost), spent: usdOf(spent), estimated: usdOf(estimated), balanced: true },
        ]);
      }),
      { numRuns: 40, seed: 2 },
    );
  });

  it('are not made again for a request whose row has been rolled off, and neither are its sums', async () => {
    const tenantId = await mintTenant();
    const event = recordedEvent(1, seededRandom(1));
    await recordRequests({ db, tenantId, events: [event] });
    const counted = () =>
      owner
        .query(
          `select (select sum(value) from usage_aggregates where tenant_id = $1 and unit = 'requests')::int as requests,
             (select count(*) from ledger_postings where tenant_id = $1)::int as postings`,
          [tenantId],
        )
        .then(({ rows }) => rows);
    expect(await counted()).toEqual([{ requests: 2, postings: 1 }]); // of its hour and of its day
    await owner.query('delete from requests where tenant_id = $1', [tenantId]);
    await recordRequests({ db, tenantId, events: [event] });
    expect(await counted()).toEqual([{ requests: 2, postings: 1 }]);
  });
});

async function mintTenant(): Promise<string> {
  const id = crypto.randomUUID();
  await owner.query(`insert into tenants (id, name, slug, region) values ($1::uuid, 'Test', $1::text, 'eu')`, [id]);
  return id;
}

/** What became of statements, which are rolled back whatever it was. */
async function attempt(client: pg.Client, statements: string): Promise<string> {
  await client.query('begin');
  try {
    await client.query(`select set_config('app.tenant', $1, true)`, [tenantId]);
    await client.query(statements);
    return 'accepted';
  } catch (error) {
    return (error as Error).message;
  } finally {
    await client.query('rollback');
  }
}

import { runInDurableObject } from 'cloudflare:test';
import { neonConfig } from '@neondatabase/serverless';
import { beforeAll, describe, expect, it } from 'vitest';
import { tenantGate } from '../../../durable-objects/stubs.ts';
import { Outbox } from '../../../durable-objects/tenant-gate/outbox.ts';
import type { LedgerBatch, RequestRecorded } from '../../../shared/contracts/queues.ts';
import type { TenantSnapshot } from '../../../shared/contracts/tenant-snapshot.ts';
import { createLogger } from '../../../shared/platform/logger.ts';
import { consumeLedgerBatches } from '../../../workers/ledger/consumers/consume-ledger-batches.ts';
import { createLedgerPorts, type LedgerPorts } from '../../../workers/ledger/ports.ts';
import { countOf, mintGateTenant } from '../../harness/gate-tenant.ts';
import { type LedgerLines, ledgerOf, storedLedger } from '../../harness/ledger-truth.ts';
import { ownerSql, testEnv } from '../../harness/mint-tenant.ts';
import { correctedEvent, recordedEvent } from '../../harness/request-events.ts';
import { seededRandom } from '../../harness/seeded-random.ts';
import { StoppingPoints } from '../../harness/stopping-points.ts';

const QUEUE = 'ledger';
const TIMEOUT_MS = 120_000;
/** The rows are sent by the test, not by the gate's own alarm. */
const FAR_AHEAD = Date.UTC(2100, 0, 1);

interface Delivery {
  readonly id: string;
  readonly body: LedgerBatch;
}

/** A tenant whose gate has the events in its outbox, in rows. */
interface CrashTenant {
  readonly tenantId: string;
  readonly truth: LedgerLines;
}

/** What a gate has to know before it has an outbox. */
let snapshot: TenantSnapshot;

/** Two tenants, of which one has a message that cannot be read, as the queue delivers their outboxes together. */
async function prepare() {
  const random = seededRandom(11);
  const estimate = recordedEvent(1, random, { status: 'estimated', usage: {} });
  const correction = correctedEvent(estimate, { inputTokens: 5 }, '12345');
  const others = [2, 3, 4].map((at) => recordedEvent(at, random));
  const alice = await fill([[estimate], [others[0]], [correction, thresholdReached()]], [correction, others[0]]);
  const bob = await fill([[others[1], others[2]], 'not JSON'], [others[1], others[2]]);
  const deliveries = [...(await outboxOf(alice, 1)), ...(await outboxOf(bob, 1))];
  return { tenants: [alice, bob], deliveries };
}

async function fill(
  rows: readonly (readonly unknown[] | string)[],
  truth: readonly (RequestRecorded | undefined)[],
): Promise<CrashTenant> {
  const tenantId = crypto.randomUUID();
  await ownerSql()`insert into tenants (id, name, slug, region) values (${tenantId}, 'Test', ${tenantId}, 'eu')`;
  const gate = tenantGate(testEnv, tenantId);
  await gate.publish({ ...snapshot, tenantId });
  await runInDurableObject(gate, (_object, { storage }) => {
    const outbox = new Outbox(storage.sql);
    for (const row of rows) {
      outbox.append(typeof row === 'string' ? [row] : row.map((event) => JSON.stringify(event)), FAR_AHEAD);
    }
  });
  return { tenantId, truth: ledgerOf(truth.filter((event) => event !== undefined)) };
}

const thresholdReached = () => ({
  ...{
    type: 'budget.threshold_reached',
    eventId: crypto.randomUUID(),
    budgetId: crypto.randomUUID(),
    budgetName: 'cap',
  },
  ...{ threshold: 50, periodStart: 0, capPicoUsd: '10', spentPicoUsd: '5', reachedAt: Date.UTC(2026, 10, 1) },
});

/** What a gate would send: its unconfirmed rows, so many to a message. */
async function outboxOf({ tenantId }: CrashTenant, rowsEach: number): Promise<Delivery[]> {
  const rows = await runInDurableObject(tenantGate(testEnv, tenantId), (_object, { storage }) =>
    storage.sql
      .exec<{ sequence: number; events: string }>('SELECT sequence, events FROM outbox ORDER BY sequence')
      .toArray(),
  );
  return Array.from({ length: Math.ceil(rows.length / rowsEach) }, (_, at) => ({
    id: crypto.randomUUID(),
    body: {
      ...{ type: 'ledger.batch', v: 2, tenantId, shard: 0 },
      rows: rows.slice(at * rowsEach, (at + 1) * rowsEach).map(({ sequence, events }) => ({ sequence, events })),
    },
  }));
}

/** Lets the consumer work until it ends or is stopped; answers the messages that it did not acknowledge. */
async function consume(deliveries: readonly Delivery[], points: StoppingPoints): Promise<Delivery[]> {
  const left = new Map(deliveries.map((delivery) => [delivery.id, delivery]));
  const messages = deliveries.map(({ id, body }) => ({
    ...{ id, body, timestamp: new Date(), attempts: 1 },
    ack: () => points.act('acknowledging', () => left.delete(id)),
    retry: () => points.act('asking for a retry', () => {}),
  }));
  const real = createLedgerPorts({ ...testEnv, DATABASE_URL: testEnv.LEDGER_DATABASE_URL });
  const ports: LedgerPorts = {
    ...real,
    logger: createLogger({ service: 'ledger', level: 'error', write: () => {} }),
    gate: (tenantId, shard) => ({
      publish: (snapshot) => real.gate(tenantId, shard).publish(snapshot),
      confirm: (sequences) =>
        points.run('confirming', () => Promise.resolve(real.gate(tenantId, shard).confirm(sequences))),
    }),
  };
  neonConfig.fetchFunction = (url: string, init: RequestInit) => points.fetch(url, init);
  await Promise.race([consumeLedgerBatches(asBatch(messages), ports), points.stopped]);
  neonConfig.fetchFunction = undefined;
  return [...left.values()];
}

/** The consumer reads no more of a batch than this. */
function asBatch(messages: object[]): MessageBatch {
  return { queue: QUEUE, messages } as unknown as MessageBatch;
}

/** The consumer is stopped at a point; then the queue delivers again, and the gates send what was not confirmed. */
async function crashAt(point: number, forgetIds = false) {
  const { tenants, deliveries } = await prepare();
  const points = new StoppingPoints({ stopAt: point, forgetIds });
  const left = await consume(deliveries, points);
  const others = () => new StoppingPoints({ stopAt: Number.POSITIVE_INFINITY, forgetIds });
  await consume(left, others());
  for (const tenant of tenants) await consume(await outboxOf(tenant, 2), others());
  return { tenants, passed: points.passed };
}

async function stateOf({ tenantId }: CrashTenant) {
  const sql = ownerSql();
  const stored = await storedLedger((text, values) => sql.query(text, values), tenantId);
  return { stored, unconfirmed: await countOf(tenantGate(testEnv, tenantId), 'outbox') };
}

describe('the LEDGER consumer, stopped anywhere in its batch', () => {
  let passed: readonly string[];

  beforeAll(async () => {
    ({ snapshot } = await mintGateTenant());
    ({ passed } = await crashAt(Number.POSITIVE_INFINITY));
  });

  it('has been looked at in every step that it takes', () => {
    expect(new Set(passed)).toEqual(
      new Set([
        ...['before a statement', 'inside a transaction', 'after a statement'],
        ...['before acknowledging', 'after acknowledging', 'before confirming', 'after confirming'],
      ]),
    );
    expect(passed.length).toBeGreaterThan(30);
  });

  it(
    'leaves, once its messages come again, what a single clean run leaves, and empties the outboxes',
    async () => {
      for (let point = 1; point <= passed.length; point++) {
        const { tenants } = await crashAt(point);
        for (const tenant of tenants) {
          const { stored, unconfirmed } = await stateOf(tenant);
          expect({ point, stored, unconfirmed }).toEqual({ point, stored: tenant.truth, unconfirmed: 0 });
        }
        const [, bob] = tenants;
        const letters = await ownerSql()`select error from dead_letters where subject_tenant = ${bob?.tenantId}`;
        expect({ point, letters: letters.length > 0 }).toEqual({ point, letters: true });
        const thresholds =
          await ownerSql()`select from budget_threshold_events where tenant_id = ${tenants[0]?.tenantId}`;
        expect({ point, thresholds: thresholds.length }).toEqual({ point, thresholds: 1 });
      }
    },
    TIMEOUT_MS,
  );

  it(
    'control: a recorder that does not know events again by their ids is found out',
    async () => {
      const wrong: string[] = [];
      for (let point = 1; point <= passed.length; point++) {
        const { tenants } = await crashAt(point, true);
        const [, bob] = tenants; // has no corrections: without a crash even this recorder counts him right
        if (!bob) throw new Error('two tenants');
        const { stored } = await stateOf(bob);
        if (stored.usage.join() !== bob.truth.usage.join()) wrong.push(passed[point - 1] ?? '');
      }
      expect(new Set(wrong)).toContain('after a statement');
      expect(wrong.length).toBeLessThan(passed.length);
    },
    TIMEOUT_MS,
  );
});

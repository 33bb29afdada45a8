import { join, relative } from 'node:path';
import { withClient } from '../../../scripts/db/connection.ts';
import { type BenchRun, type Findings, makeFolder, type Scenario } from '../bench-run.ts';
import { cpuTimeMs, familyCpuTimeMs } from '../process-statistics.ts';
import { productScripts } from '../product-scripts.ts';
import { spreadOf, writeSpread } from '../report.ts';
import { writeTable } from '../table.ts';
import { makeStorage } from '../targets.ts';
import { startWorkerd, type WorkerdProcess } from '../workerd-process.ts';

/** Requests in a message: what a quiet tenant's are, and what a busy one's. */
const BATCHES = [1, 8, 64];
const [EVENTS, MOST_ROUNDS] = [1_920, 4];

interface LedgerCost {
  readonly batch: number;
  /** CPU for each request, in milliseconds, round by round; of the ledger's script, and of PostgreSQL. */
  readonly scriptMs: number[];
  readonly postgresMs: number[];
}

/** What it costs to bring a request into PostgreSQL: the work behind the answers, which the other scenarios leave out. */
export const ledger: Scenario = { name: 'ledger', isLong: true, run: measureLedger };

async function measureLedger(run: BenchRun): Promise<Findings> {
  await using started = new AsyncDisposableStack();
  const server = started.adopt(await startLedger(run), (it) => it.close());
  const { database } = run.context;
  const costs: LedgerCost[] = BATCHES.map((batch) => ({ batch, scriptMs: [], postgresMs: [] }));
  for (let round = 0; round <= Math.min(run.rounds, MOST_ROUNDS); round++) {
    for (const { batch, scriptMs, postgresMs } of costs) {
      run.stop.throwIfAborted();
      const before = { script: cpuTimeMs(server.pid), postgres: familyCpuTimeMs(database.pid()) };
      const query = new URLSearchParams({
        tenant: run.context.tenant.tenantId,
        events: `${EVENTS}`,
        batch: `${batch}`,
      });
      const response = await fetch(`${server.url}/?${query}`, { method: 'POST' });
      if (!response.ok) throw new Error(`the ledger failed: ${await response.text()}\n${server.log()}`);
      const after = { script: cpuTimeMs(server.pid), postgres: familyCpuTimeMs(database.pid()) };
      if (round === 0) continue; // so that the code is compiled and the pools are filled
      if (before.script !== null && after.script !== null) scriptMs.push((after.script - before.script) / EVENTS);
      if (before.postgres !== null && after.postgres !== null) {
        postgresMs.push((after.postgres - before.postgres) / EVENTS);
      }
    }
  }
  const stored = await readStored(run);
  return {
    details: { costs, stored },
    problems: stored.rows < EVENTS ? [`only ${stored.rows} requests are in PostgreSQL`] : [],
    tables: [
      writeTable(
        ['requests in a message', 'ledger CPU ms', 'PostgreSQL CPU ms'],
        costs.map(({ batch, scriptMs, postgresMs }) => [
          ...[`${batch}`, writeSpread(spreadOf(scriptMs), 3), writeSpread(spreadOf(postgresMs), 3)],
        ]),
      ),
      writeTable(
        ['in PostgreSQL', 'bytes for each, with indexes'],
        [[`${stored.rows} requests`, stored.bytesPerRow.toFixed(0)]],
      ),
    ],
  };
}

function startLedger({ context }: BenchRun): Promise<WorkerdProcess> {
  const { root, buildDir, database } = context;
  const directory = makeFolder(context, 'ledger-process');
  const feeder = 'ledger-feeder';
  return startWorkerd(directory, {
    scripts: [
      ...productScripts({ root, buildDir, directory, bindings: database.bindings }, ['eufm-ledger', 'eufm-state']),
      {
        ...{ name: feeder, module: relative(directory, join(buildDir, `${feeder}.js`)) },
        compatibilityDate: '2026-10-01',
        compatibilityFlags: ['experimental', 'service_binding_extra_handlers'],
        bindings: [{ name: 'LEDGER', service: 'eufm-ledger' }],
      },
    ],
    sockets: { http: { service: feeder, entrypoint: 'feed' } },
    storage: makeStorage(directory),
  });
}

async function readStored({ context }: BenchRun): Promise<{ readonly rows: number; readonly bytesPerRow: number }> {
  return await withClient(context.database.databaseUrl, async (client) => {
    await client.query('vacuum analyze requests');
    const { rows } = await client.query<{ count: string; bytes: string }>(
      `select count(*), (select sum(pg_total_relation_size(relid)) from pg_partition_tree('requests')) as bytes from requests`,
    );
    const [count, bytes] = [Number(rows[0]?.count), Number(rows[0]?.bytes)];
    return { rows: count, bytesPerRow: bytes / count };
  });
}

import { writeTable } from '../table.ts';
import { costPerMillion, cpuOf } from './cost.ts';
import { MEASURED } from './measurements.ts';
import { LIMITS, PRICES } from './prices.ts';
import type { ScaleOptions, ScaleResult } from './simulation.ts';

const MILLION = 1_000_000;

/** What a simulation found, what could run out, what it costs, and what all of that was reckoned from, as Markdown tables. */
export function writeScale(options: ScaleOptions, result: ScaleResult): string {
  return [
    ...[writeQuantities(result), writeBounds(result), writeCosts(result)],
    ...[writeAssumptions(options), writeMeasurements(), writeSources()],
  ].join('\n\n');
}

function writeQuantities(result: ScaleResult): string {
  const { requests, refused, tenants, objects, shards, local, waitP50, waitP99, running, gates } = result;
  const row = (what: string, perSecond: number) => [what, whole(perSecond), (perSecond / requests).toFixed(3)];
  return writeTable(
    ['each second', '', 'for each request'],
    [
      row('requests', requests),
      ['tenants that send', whole(tenants), ''],
      ['objects that work', whole(objects), ''],
      ['shards of hot tenants among them', whole(shards), ''],
      ['requests that run', whole(running), ''],
      row('requests refused', refused),
      row('requests admitted without a call', local),
      ['wait of those that ask, p50 and p99', `${whole(waitP50)} ms, ${whole(waitP99)} ms`, ''],
      row('calls of objects: hold', gates.holds),
      row('calls of objects: sync', gates.syncs),
      row('calls of objects: confirm', gates.confirms),
      row('calls of objects: events', gates.takes),
      row('alarms of objects', gates.alarms),
      row('rows written in objects', gates.rowsWritten),
      row('rows read in objects', gates.rowsRead),
      row('queue messages', gates.messages),
    ],
  );
}

function writeBounds(result: ScaleResult): string {
  const { requests, gates, busiest } = result;
  const cpu = cpuOf(result);
  const cores = (ms: number) => ((ms * requests) / 1000).toFixed(1);
  return writeTable(
    ['what could run out', 'is used', 'there is'],
    [
      [
        `calls of the busiest object, a second, with ${whole(busiest.requests)} requests/s`,
        ...[whole(busiest.calls), `${LIMITS.objectRequestsPerSecond.value}, soft`],
      ],
      ['its time', `${whole(busiest.busyShare * 100)} %`, '100 %'],
      ['messages of one queue, a second', whole(gates.messages), `${LIMITS.queueMessagesPerSecond.value}`],
      ['PostgreSQL, cores', cores(cpu.postgresMs), `${LIMITS.computeUnits.value}`],
      ['gateway and objects, cores', cores(cpu.gatewayMs), 'no limit'],
      ['ledger, cores', cores(cpu.ledgerMs), 'no limit'],
    ],
  );
}

function writeCosts(result: ScaleResult): string {
  const lines = costPerMillion(result);
  const total = lines.reduce((sum, { usd }) => sum + usd, 0);
  const amountOf = (amount: number) =>
    amount >= MILLION / 100 ? `${(amount / MILLION).toFixed(2)} million` : amount.toFixed(2);
  return writeTable(
    ['for a million requests', 'amount', 'US$'],
    [...lines.map(({ what, amount, usd }) => [what, amountOf(amount), usd.toFixed(2)]), ['all', '', total.toFixed(2)]],
  );
}

function writeAssumptions(options: ScaleOptions): string {
  const { rate, tenants, skew, isolates, requestMs, hopMs } = options;
  return writeTable(
    ['assumed', '', 'option'],
    [
      ['requests/s of all tenants, at random times', `${rate}`, '`--rate`'],
      ['tenants', `${tenants}`, '`--tenants`'],
      ['the n-th tenant sends n to the power of minus this as much as the first', `${skew}`, '`--skew`'],
      ['gateway isolates; a request comes to any of them', `${isolates}`, '`--isolates`'],
      ['ms that a model takes on average', `${requestMs}`, '`--requestMs`'],
      ['ms from an isolate to an object, or back with its commit', `${hopMs}`, '`--hopMs`'],
    ],
  );
}

function writeMeasurements(): string {
  return writeTable(
    ['measured', '', 'by `npm run bench`'],
    Object.values(MEASURED).map(({ value, what, from }) => [what, `${value}`, from]),
  );
}

function writeSources(): string {
  return writeTable(
    ['of the platforms', '', 'source'],
    [
      ...Object.values(PRICES).map(({ usd, per, what, source }) => {
        return [per === 1 ? what : `${per / MILLION} million ${what}`, `$${usd}`, source];
      }),
      ...Object.values(LIMITS).map(({ value, what, source }) => [what, `${value}`, source]),
    ],
  );
}

function whole(count: number): string {
  return count.toFixed(0);
}

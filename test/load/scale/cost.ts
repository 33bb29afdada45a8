import { MEASURED, splitCost } from './measurements.ts';
import { LIMITS, PRICES, type Price } from './prices.ts';
import type { ScaleResult } from './simulation.ts';

/** What something costs for a million requests, in US dollars, and what it is a price of. */
export interface CostLine {
  readonly what: string;
  readonly amount: number;
  readonly usd: number;
}

const MILLION = 1_000_000;
const MS_PER_HOUR = 3_600_000;

/** CPU in milliseconds for each request, as measured, for the mix of requests that the simulation found. */
export function cpuOf({ requests, local, gates }: ScaleResult) {
  const localShare = local / requests;
  const perMessage = gates.messages === 0 ? 1 : gates.events / gates.messages;
  const gathered = (one: number, many: number) => {
    const { each, shared } = splitCost(one, many);
    return each + shared / Math.max(1, perMessage);
  };
  return {
    gatewayMs: localShare * MEASURED.busyCpuMs.value + (1 - localShare) * MEASURED.quietCpuMs.value,
    ledgerMs: gathered(MEASURED.ledgerCpuOfOne.value, MEASURED.ledgerCpuOfMany.value),
    postgresMs: gathered(MEASURED.postgresCpuOfOne.value, MEASURED.postgresCpuOfMany.value),
  };
}

/** The bill for a million requests at list prices, without what plans include. */
export function costPerMillion(result: ScaleResult): CostLine[] {
  const { requests, gates, objects } = result;
  const each = (perSecond: number) => (perSecond / requests) * MILLION;
  const cpu = cpuOf(result);
  const objectRequests = each(gates.holds + gates.syncs + gates.alarms + gates.confirms + gates.takes);
  const objectGbSeconds = each(objects * LIMITS.objectGb.value);
  const operations = each(gates.messageChunks) * 3;
  const cpuMs = (cpu.gatewayMs + cpu.ledgerMs) * MILLION;
  const computeUnitHours = (cpu.postgresMs * MILLION) / MS_PER_HOUR;
  const storedGb = (MEASURED.storedBytes.value * MILLION) / 1e9;
  return [
    line('Workers: requests', PRICES.workersRequests, MILLION),
    line('Workers: CPU of gateway and ledger, ms', PRICES.workersCpuMs, cpuMs),
    line('Durable Objects: calls and alarms', PRICES.objectRequests, objectRequests),
    line('Durable Objects: memory, GB-s, at most', PRICES.objectGbSeconds, objectGbSeconds),
    line('Durable Objects: rows written', PRICES.rowsWritten, each(gates.rowsWritten)),
    line('Durable Objects: rows read', PRICES.rowsRead, each(gates.rowsRead)),
    line('Queues: operations', PRICES.queueOperations, operations),
    line('PostgreSQL: compute, CU-hours', PRICES.computeUnitHours, computeUnitHours),
    line('PostgreSQL: storage, GB, each month', PRICES.storedGbMonths, storedGb),
  ];
}

function line(what: string, { usd, per }: Price, amount: number): CostLine {
  return { what, amount, usd: (amount / per) * usd };
}

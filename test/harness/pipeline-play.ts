import { type OrchestrateRequest, orchestrateRequest } from '../../shared/contracts/http/orchestrate.ts';
import { type RequestRecorded, requestRecorded } from '../../shared/contracts/queues.ts';
import type { HoldCommand } from '../../shared/contracts/rpc.ts';
import type { TenantSnapshot } from '../../shared/contracts/tenant-snapshot.ts';
import type { Used } from '../../shared/domain/admission/lease-pool.ts';
import { ok } from '../../shared/errors/result.ts';
import type { Admitted, Demand } from '../../workers/gateway/admission/demand.ts';
import type { TenantSession } from '../../workers/gateway/admission/tenant-session.ts';
import type { PipelineInput } from '../../workers/gateway/pipeline/pipeline-input.ts';
import { ProviderHealth } from '../../workers/gateway/pipeline/provider-health.ts';
import type { GatewayPorts } from '../../workers/gateway/ports.ts';
import { API_KEY, ENVIRONMENT } from './admission-tenant.ts';

/** What a played request did. */
export interface Played {
  /** Every hold that was granted, in order. */
  readonly holds: HoldCommand[];
  /** What asked though it was not granted. */
  readonly asked: Demand[];
  /** What was told to be used, in order, and every record of it. */
  readonly used: Used[];
  readonly records: RequestRecorded[];
  /** Holds that are not settled; those settled twice. */
  readonly open: ReadonlySet<Admitted>;
  readonly settledTwice: HoldCommand[];
  /** Ids by which the client was to know the request, the last one last. */
  readonly names: string[];
  /** Ends when all that outlasts the answer has ended. */
  over(): Promise<void>;
}

interface Play {
  readonly snapshot: TenantSnapshot;
  readonly request: Partial<OrchestrateRequest>;
  readonly fetch: typeof fetch;
  readonly health?: ProviderHealth;
  readonly now?: () => number;
  /** Whether a hold is granted. */
  readonly grants?: (hold: HoldCommand) => boolean;
  /** Whether the retry budget pays for one more call. */
  readonly paysRetry?: () => boolean;
  readonly clientSignal?: AbortSignal;
}

/** A request for the real pipeline, of a tenant whose holds are counted here and whose vendors are `fetch`. */
export function pipelinePlay(play: Play): { input: PipelineInput; played: Played } {
  const { snapshot, request, fetch, now = Date.now, grants = () => true, paysRetry = () => false } = play;
  const open = new Set<Admitted>();
  const [holds, settledTwice]: [HoldCommand[], HoldCommand[]] = [[], []];
  const [asked, used]: [Demand[], Used[]] = [[], []];
  const records: RequestRecorded[] = [];
  const names: string[] = [];
  const work: Promise<unknown>[] = [];
  let index = 0;
  const admit = ({ hold, pulse }: Demand): Admitted | null => {
    if (!grants(hold)) return null;
    const admitted = { hold, pulse, draws: [], isDurable: false };
    holds.push(hold);
    open.add(admitted);
    return admitted;
  };
  const session = {
    nextRequest: () => ({ requestId: crypto.randomUUID(), index: index++ }),
    admitLocally: admit,
    ask: async (demand: Demand) => {
      asked.push(demand);
      return { ok: false, error: { reason: 'tenant_suspended' } };
    },
    tellSoon: () => {},
    rateFieldsFor: () => null,
    renew: async () => {},
    settle: (admitted: Admitted, told: Used, event: string) => {
      used.push(told);
      if (!open.delete(admitted)) settledTwice.push(admitted.hold);
      records.push(requestRecorded.parse(JSON.parse(event)));
    },
  } as unknown as TenantSession; // what the pipeline asks of one
  const health = play.health ?? new ProviderHealth(now);
  const silent = () => {};
  const logger = { debug: silent, info: silent, warn: silent, error: silent, with: () => logger };
  const ports = {
    ...{ now, fetch, health, logger },
    spans: { run: (_name: string, _attributes: object, run: () => unknown) => run() },
    credentials: { open: async () => ok({ apiKey: 'test-key' }) },
    retryBudgets: { earn: silent, take: paysRetry },
    sessions: { of: () => session },
    tenants: { find: async () => snapshot },
    routing: { now, random: () => 0, healthOf: (tenantId: string) => health.candidatesOf(tenantId) },
  } as unknown as GatewayPorts; // likewise
  const { requestId, index: requestIndex } = session.nextRequest();
  const client = play.clientSignal ?? new AbortController().signal;
  const input: PipelineInput = {
    request: orchestrateRequest.parse({ input: 'hello', ...request }),
    tenant: {
      ...{ tenantId: snapshot.tenantId, environmentId: ENVIRONMENT, permissions: new Set(), snapshot },
      actor: { kind: 'api_key', apiKeyId: API_KEY },
    },
    ...{
      session,
      requestId,
      requestIndex,
      priority: 'normal',
      pulse: { seenAt: now() },
      startedAt: now(),
      servedAt: { colo: 'FRA', jurisdiction: 'eu' },
      callStartedAt: now(),
      failedCalls: [],
      cacheWish: null,
      cacheUse: null,
    },
    trace: {
      traceId: '0af7651916cd43dd8448eb211c80319c',
      spanId: 'b7ad6b7169203331',
      traceState: undefined,
      flags: '01',
    },
    ...{ logger, logFields: {}, ports, clientSignal: () => client },
    rename: (name) => {
      names.push(name);
      return logger;
    },
    tellRates: silent,
    tellCache: silent,
    waitUntil: (promise) => void work.push(promise),
  };
  const over = async () => {
    while (work.length > 0) await work.shift();
  };
  return { input, played: { holds, asked, used, records, open, settledTwice, names, over } };
}

/** What is wrong with how calls were held and settled; null when nothing is. */
export function faultOfHolds({ holds, records, open, settledTwice }: Played): string | null {
  if (open.size > 0) return `${open.size} holds stay open`;
  if (settledTwice.length > 0) return 'a hold was settled twice';
  if (records.length !== holds.length) return `${holds.length} holds have ${records.length} records`;
  for (const record of records) {
    const hold = holds.find(({ requestId }) => requestId === record.requestId);
    if (!hold) return 'a record has no hold';
    if (BigInt(record.costPicoUsd) > BigInt(hold.amountPicoUsd)) return 'a call cost more than was held for it';
    const named = [hold, ...(hold.alternatives ?? [])];
    if (!named.some(({ provider, model }) => provider === record.provider && model === record.model)) {
      return 'a call was held for another model';
    }
  }
  return null;
}

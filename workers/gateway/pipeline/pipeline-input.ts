import type { Permission } from '../../../shared/auth/permissions.ts';
import type { TenantContext } from '../../../shared/auth/tenant-context.ts';
import type { OrchestrateRequest } from '../../../shared/contracts/http/orchestrate.ts';
import type { CacheUse, RequestAttempt } from '../../../shared/contracts/queues.ts';
import type { ServedAt } from '../../../shared/contracts/residency.ts';
import type { LogFields, Logger } from '../../../shared/platform/logger.ts';
import type { TraceContext } from '../../../shared/platform/trace-context.ts';
import type { NativeRequest } from '../../../shared/providers/contract.ts';
import type { Pulse } from '../admission/demand.ts';
import type { RateFields } from '../admission/rate-fields.ts';
import type { TenantSession } from '../admission/tenant-session.ts';
import type { Priority } from '../admission/waiting-line.ts';
import type { PipelinePorts } from '../ports.ts';
import type { CacheWish } from '../read-cache-wish.ts';
import type { Settlement } from './settlement.ts';

/** What another API's request has beside the platform's form of it. */
export interface SpokenRequest {
  /** The request for a provider that speaks that API itself. */
  readonly native?: NativeRequest;
  /** What is lost where it is not such a provider that is called. */
  readonly unsaid: readonly string[];
  /** What such a provider does not get, though others do. */
  readonly unsent?: readonly string[];
  /** What is lost in any case. */
  readonly warnings: readonly string[];
}

/** What is special about a request that a task makes, and nobody waits for. */
export interface TaskAttempt {
  readonly taskId: string;
  /** What its creator must be allowed, where other requests need `orchestrate:invoke`. */
  readonly permission: Permission;
  /** Ends the call to the provider; what may have been billed is settled. */
  readonly cancelSignal: AbortSignal;
  /** Told of each call that was settled: of the last one, and of those before it that may have been billed. */
  onSettled(settlement: Settlement): void;
}

/** One request on its way through the pipeline. */
export interface PipelineInput {
  readonly request: OrchestrateRequest;
  readonly spoken?: SpokenRequest;
  /** This and what follows changes when the request is planned anew by a newer configuration. */
  tenant: TenantContext;
  /** Where the request is to begin, and its name and place there. */
  session: TenantSession;
  requestId: string;
  requestIndex: number;
  readonly priority: Priority;
  /** Of all that is done for the request. */
  readonly pulse: Pulse;
  /** What the request says of stored answers; null: nothing. */
  readonly cacheWish: CacheWish | null;
  readonly startedAt: number;
  readonly servedAt: ServedAt;
  readonly trace: TraceContext;
  logger: Logger;
  readonly logFields: LogFields;
  /** When its present call to a provider began (epoch milliseconds), and the calls before it, which failed. */
  callStartedAt: number;
  readonly failedCalls: RequestAttempt[];
  /** What became of its look for a stored answer; null: there was none. */
  cacheUse: CacheUse | null;
  readonly ports: PipelinePorts;
  /** Aborted when the client leaves: ends what is streamed to it. Asked for only where something waits for that. */
  readonly clientSignal: () => AbortSignal;
  /** Of a request that is an attempt at a task. */
  readonly task?: TaskAttempt;
  /** Gives the request another name, in its answer and in its log lines; answers its logger. */
  rename(requestId: string): Logger;
  /** For the answer, whatever it is. */
  tellRates(fields: RateFields | null): void;
  tellCache(use: CacheUse): void;
  /** Keeps the isolate alive for work that outlasts the answer, or the client. */
  waitUntil(work: Promise<unknown>): void;
}

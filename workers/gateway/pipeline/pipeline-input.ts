import type { TenantContext } from '../../../shared/auth/tenant-context.ts';
import type { OrchestrateRequest } from '../../../shared/contracts/http/orchestrate.ts';
import type { LogFields, Logger } from '../../../shared/platform/logger.ts';
import type { TraceContext } from '../../../shared/platform/trace-context.ts';
import type { GatewayPorts } from '../ports.ts';

/** One request on its way through the pipeline. */
export interface PipelineInput {
  readonly request: OrchestrateRequest;
  readonly tenant: TenantContext;
  readonly requestId: string;
  readonly startedAt: number;
  readonly trace: TraceContext;
  readonly logger: Logger;
  readonly logFields: LogFields;
  readonly ports: GatewayPorts;
  /** Aborted when the client leaves. */
  readonly clientSignal: AbortSignal;
  /** Keeps the isolate alive for work that outlasts the answer, or the client. */
  waitUntil(work: Promise<unknown>): void;
}

import type { Context } from 'hono';
import type { TenantContext } from '../../shared/auth/tenant-context.ts';
import type { LogFields, Logger } from '../../shared/platform/logger.ts';
import type { TraceContext } from '../../shared/platform/trace-context.ts';
import type { Dialect, WriteError } from './dialects/dialect.ts';
import type { GatewayEnv } from './env.ts';
import type { GatewayPorts } from './ports.ts';

/** What a request carries through the gateway. */
export interface AppVariables {
  ports: GatewayPorts;
  requestId: string;
  startedAt: number;
  trace: TraceContext;
  logger: Logger;
  /** Grows into the request's one log line. */
  logFields: LogFields;
  /** Set by `authenticate`; routes without it do not read it. */
  tenant: TenantContext;
  /** How errors are written where it is not as a problem document. */
  writeError?: WriteError;
  /** The API that the request speaks, on routes that imitate one. */
  dialect?: Dialect;
}

export interface AppTypes {
  Bindings: GatewayEnv;
  Variables: AppVariables;
}

export type AppContext = Context<AppTypes>;

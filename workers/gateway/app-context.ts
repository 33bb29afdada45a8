import type { Context } from 'hono';
import type { TenantContext } from '../../shared/auth/tenant-context.ts';
import type { CacheUse } from '../../shared/contracts/queues.ts';
import type { LogFields, Logger } from '../../shared/platform/logger.ts';
import type { TraceContext } from '../../shared/platform/trace-context.ts';
import type { Membership } from '../../shared/services/find-membership.ts';
import type { Session } from '../../shared/services/find-session.ts';
import type { ScimConnection } from '../../shared/services/scim/scim-connection.ts';
import type { RateFields } from './admission/rate-fields.ts';
import type { Dialect, WriteError } from './dialects/dialect.ts';
import type { GatewayEnv } from './env.ts';
import type { Claim } from './idempotency/claim.ts';
import type { RequestPerson } from './middleware/authenticate-person.ts';
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
  /** Who asks, as soon as a valid key or membership tells: for the audit log, if it is refused after all. */
  asker?: Pick<TenantContext, 'tenantId' | 'actor'>;
  /** Set by `authenticatePerson`; routes without it do not read it. */
  person: RequestPerson;
  /** Set by `requireMembership`; routes without it do not read it. */
  membership: Membership;
  /** Set by `authenticateScim`; routes without it do not read it. */
  scim: ScimConnection;
  /** Set by `sessionOfRequest`, once the request's cookie was found to be a session's. */
  session?: Session;
  /** What the answer sets in the browser, as texts of `Set-Cookie`. */
  cookies?: readonly string[];
  /** How errors are written where it is not as a problem document. */
  writeError?: WriteError;
  /** The request's JSON body, where its route takes one. */
  body: unknown;
  /** The text of that body, until the request's key is looked up; only where it has one. */
  bodyText?: string | undefined;
  /** The request has an Idempotency-Key, and runs under it. */
  claim?: Claim;
  /** The response was made with the headers of every answer. */
  hasHeaders: boolean;
  /** The response is a stream, which writes its own log line. */
  isStreamed: boolean;
  /** What the answer tells of the tenant's rates, once they were asked. */
  rateFields?: RateFields | null;
  /** What became of the look for a stored answer, where there was one. */
  cacheUse?: CacheUse;
  /** The API that the request speaks, on routes that imitate one. */
  dialect?: Dialect;
}

export interface AppTypes {
  Bindings: GatewayEnv;
  Variables: AppVariables;
}

export type AppContext = Context<AppTypes>;

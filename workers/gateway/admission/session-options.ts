import type { HealthExchange } from '../../../shared/contracts/provider-health.ts';
import type { GateNews, TenantGateRpc } from '../../../shared/contracts/rpc.ts';

/** Keeps a request alive for work that outlasts its answer. */
export type WaitUntil = (work: Promise<unknown>) => void;

export interface SessionOptions {
  readonly leaseId: string;
  readonly gate: Pick<TenantGateRpc, 'hold' | 'sync'>;
  readonly asksForEach?: boolean; // nothing is leased for requests to come: when this dies, none counts that did not begin
  now(): number;
  /** What this isolate knows of the tenant's candidates: it rides on calls that are made anyway. */
  health?(): HealthExchange;
  /** Takes over what an answer says of the tenant. */
  onNews(news: GateNews, isKnown: boolean): void;
  /** TenantGate could not be reached in any attempt: what it had to be told is told with the next request. */
  onFailure(error: unknown): void;
}

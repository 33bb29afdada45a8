import type { TenantGateRpc, VaultRpc } from '../../../shared/contracts/rpc.ts';
import type { TenantSnapshot } from '../../../shared/contracts/tenant-snapshot.ts';
import type { Logger } from '../../../shared/platform/logger.ts';
import { spansFor } from '../../../shared/platform/native-spans.ts';
import { TenantSessions } from '../admission/tenant-sessions.ts';
import { TenantDirectory } from '../identity/tenant-directory.ts';
import type { PipelinePorts } from '../ports.ts';
import { CredentialCache } from './credential-cache.ts';
import { ProviderHealth } from './provider-health.ts';
import { RetryBudgets } from './retry-budgets.ts';

interface PipelineBindings extends Pick<PipelinePorts, 'fetch' | 'findMembership' | 'responseCache'> {
  readonly gate: (tenantId: string, shard?: number) => TenantGateRpc;
  readonly vault: Pick<VaultRpc, 'open'>;
  readonly logger: Logger;
  readonly nativeTracing: string;
  /** As in `SessionOptions`. */
  readonly asksForEach?: boolean;
  /** As in `TenantDirectory`. */
  readonly load: (tenantId: string) => Promise<TenantSnapshot | null>;
}

/** What the pipeline has in memory of an isolate, and what it reaches from there. Does no I/O. */
export function createPipelinePorts(bindings: PipelineBindings): PipelinePorts {
  const { gate, vault, logger, asksForEach = false, nativeTracing, load } = bindings;
  const { fetch, findMembership, responseCache } = bindings;
  const now = () => Date.now();
  const tenants = new TenantDirectory({ gate, load, now });
  const health = new ProviderHealth(now);
  const sessions = new TenantSessions({
    ...{ gate, asksForEach, now },
    health: (tenantId) => health.exchangeOf(tenantId),
    onNews: (tenantId, news, isKnown) => tenants.hear(tenantId, news, isKnown),
    onFailure: (tenantId, error) => logger.error('settle.failed', { tenantId, error }),
  });
  return {
    spans: spansFor(nativeTracing),
    fetch,
    now,
    credentials: new CredentialCache(vault, now),
    retryBudgets: new RetryBudgets(now),
    health,
    routing: { now, random: () => Math.random(), healthOf: (tenantId) => health.candidatesOf(tenantId) },
    sessions,
    tenants,
    responseCache,
    findMembership,
  };
}

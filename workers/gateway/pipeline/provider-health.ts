import type { Usage } from '../../../shared/contracts/usage.ts';
import { CachedShares } from '../../../shared/domain/routing/cached-shares.ts';
import { type Candidate, nameOf } from '../../../shared/domain/routing/candidate.ts';
import { KnownCircuits } from '../../../shared/domain/routing/known-circuits.ts';
import { noteCall, performanceOf, type RecentCalls } from '../../../shared/domain/routing/performance.ts';
import type { Performance } from '../../../shared/domain/routing/rank-candidates.ts';
import { ExpiringMap } from '../../../shared/platform/expiring-map.ts';
import { ProviderError, type ProviderErrorKind } from '../../../shared/providers/provider-error.ts';
import { CACHED_HEALTH, CACHED_SESSIONS } from '../constants.ts';

interface TenantHealth {
  readonly circuits: KnownCircuits;
  readonly calls: ExpiringMap<string, RecentCalls>;
  readonly cached: CachedShares;
}

const NO_CALLS: RecentCalls = [];

/** Failures that are the request's own: whoever answers so is well. */
const OF_THE_REQUEST: ReadonlySet<ProviderErrorKind> = new Set([
  'validation',
  'model-not-found',
  'context-too-long',
  'content-filtered',
]);

/**
 * How a tenant's candidates do. Latencies and errors are as this isolate's calls show; circuits are those of the whole
 * tenant, told and heard of by calls to its TenantGate. By tenant, account and model, so that one tenant's key or limit says
 * nothing of another's.
 */
export class ProviderHealth {
  readonly #tenants: ExpiringMap<string, TenantHealth>;
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#tenants = new ExpiringMap(CACHED_SESSIONS, now);
    this.#now = now;
  }

  /** A tenant's circuits, for its session. */
  of(tenantId: string): KnownCircuits {
    return this.#of(tenantId).circuits;
  }

  performanceOf(tenantId: string, candidate: Candidate): Performance {
    return performanceOf(this.#of(tenantId).calls.get(nameOf(candidate)) ?? NO_CALLS);
  }

  /** If a candidate may be called: not while its circuit is open. */
  mayCall(tenantId: string, candidate: Candidate): boolean {
    return this.of(tenantId).mayCall(nameOf(candidate), this.#now());
  }

  /** A call goes out; false, and nothing changed, when the circuit is open. */
  begin(tenantId: string, candidate: Candidate): boolean {
    return this.of(tenantId).begin(nameOf(candidate), this.#now());
  }

  /** A call was answered, or its stream had its first word, after so long. */
  answered(tenantId: string, candidate: Candidate, latencyMs: number): void {
    this.#note(tenantId, candidate, latencyMs);
    this.of(tenantId).ended(nameOf(candidate), 'answered', this.#now());
  }

  /** A call failed. What is the request's own fault, or ours, or the client's, tells nothing of the provider. */
  failed(tenantId: string, candidate: Candidate, cause: unknown): void {
    if (!(cause instanceof ProviderError) || cause.kind === 'canceled') return;
    const isOfTheRequest = OF_THE_REQUEST.has(cause.kind);
    if (!isOfTheRequest) this.#note(tenantId, candidate, null);
    const outcome = isOfTheRequest ? 'answered' : 'failed';
    this.of(tenantId).ended(nameOf(candidate), outcome, this.#now(), cause.retryAfterMs);
  }

  /** What part of the input a candidate's prompt cache is likely to hold, as this isolate's calls show. */
  cachedShareOf(tenantId: string, candidate: Candidate, session: string | null): number {
    return this.#of(tenantId).cached.shareOf(nameOf(candidate), session, this.#now());
  }

  /** A call of a session, or of none, used this. */
  used(tenantId: string, candidate: Candidate, session: string | null, usage: Usage): void {
    this.#of(tenantId).cached.note(nameOf(candidate), session, usage, this.#now());
  }

  #note(tenantId: string, candidate: Candidate, latencyMs: number | null): void {
    const { calls } = this.#of(tenantId);
    const name = nameOf(candidate);
    calls.set(name, noteCall(calls.get(name) ?? NO_CALLS, latencyMs));
  }

  #of(tenantId: string): TenantHealth {
    const known = this.#tenants.get(tenantId);
    if (known) return known;
    const health = {
      circuits: new KnownCircuits(),
      cached: new CachedShares(),
      calls: new ExpiringMap<string, RecentCalls>(CACHED_HEALTH, this.#now),
    };
    this.#tenants.set(tenantId, health);
    return health;
  }
}

import type { HealthExchange, HealthNews, HealthTold, Performance } from '../../../shared/contracts/provider-health.ts';
import type { Usage } from '../../../shared/contracts/usage.ts';
import { CachedShares } from '../../../shared/domain/routing/cached-shares.ts';
import type { Candidate } from '../../../shared/domain/routing/candidate.ts';
import { KnownCircuits } from '../../../shared/domain/routing/known-circuits.ts';
import { KnownPerformance } from '../../../shared/domain/routing/known-performance.ts';
import { ExpiringMap } from '../../../shared/platform/expiring-map.ts';
import { ProviderError, type ProviderErrorKind } from '../../../shared/providers/provider-error.ts';
import { CACHED_SESSIONS } from '../constants.ts';

/** One tenant's. What prompt caches hold is not told to the gate: it is of sessions, which are many. */
class TenantHealth implements HealthExchange {
  readonly circuits = new KnownCircuits();
  readonly performance = new KnownPerformance();
  readonly cached = new CachedShares();

  tell(): HealthTold {
    return { ...this.circuits.tell(), ...this.performance.tell() };
  }

  ask(): HealthTold {
    return { ...this.circuits.ask(), ...this.performance.ask() };
  }

  hear(news: HealthNews | undefined, now: number): void {
    this.circuits.hear(news, now);
    this.performance.hear(news, now);
  }
}

/** How a tenant's candidates do at one moment, for a decision among them. */
export interface CandidateHealth {
  performanceOf(candidate: Candidate): Performance;
  /** Not while the candidate's circuit is open. */
  mayCall(candidate: Candidate): boolean;
  /** What part of the input candidates' prompt caches are likely to hold, for a session or for requests of none. */
  cachedSharesFor(session: string | null): (candidate: Candidate) => number;
}

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

  /** What calls to the tenant's TenantGate carry. */
  exchangeOf(tenantId: string): HealthExchange {
    return this.#of(tenantId);
  }

  /** For one decision: what is the same for all candidates is looked up once. */
  candidatesOf(tenantId: string): CandidateHealth {
    const { circuits, performance, cached } = this.#of(tenantId);
    const now = this.#now();
    return {
      performanceOf: ({ name }) => performance.of(name, now),
      mayCall: ({ name }) => circuits.mayCall(name, now),
      cachedSharesFor(session) {
        const shareOf = cached.sharesFor(session, now);
        return ({ name }) => shareOf(name);
      },
    };
  }

  /** If a candidate may be called: not while its circuit is open. */
  mayCall(tenantId: string, candidate: Candidate): boolean {
    return this.#of(tenantId).circuits.mayCall(candidate.name, this.#now());
  }

  /** A call goes out; false, and nothing changed, when the circuit is open. */
  begin(tenantId: string, candidate: Candidate): boolean {
    return this.#of(tenantId).circuits.begin(candidate.name, this.#now());
  }

  /** A call was answered, or its stream had its first word, after so long. */
  answered(tenantId: string, candidate: Candidate, latencyMs: number): void {
    this.#of(tenantId).performance.note(candidate.name, latencyMs, this.#now());
    this.#of(tenantId).circuits.ended(candidate.name, 'answered', this.#now());
  }

  /** A call failed. What is the request's own fault, or ours, or the client's, tells nothing of the provider. */
  failed(tenantId: string, candidate: Candidate, cause: unknown): void {
    if (!(cause instanceof ProviderError) || cause.kind === 'canceled') return;
    const isOfTheRequest = OF_THE_REQUEST.has(cause.kind);
    if (!isOfTheRequest) this.#of(tenantId).performance.note(candidate.name, null, this.#now());
    const outcome = isOfTheRequest ? 'answered' : 'failed';
    this.#of(tenantId).circuits.ended(candidate.name, outcome, this.#now(), cause.retryAfterMs);
  }

  /** A call of a session, or of none, used this. */
  used(tenantId: string, candidate: Candidate, session: string | null, usage: Usage): void {
    this.#of(tenantId).cached.note(candidate.name, session, usage, this.#now());
  }

  #of(tenantId: string): TenantHealth {
    const known = this.#tenants.get(tenantId);
    if (known) return known;
    const health = new TenantHealth();
    this.#tenants.set(tenantId, health);
    return health;
  }
}

import type { Candidate } from '../../../shared/domain/routing/candidate.ts';
import { type Circuit, CLOSED, mayCall, onCall, onOutcome } from '../../../shared/domain/routing/circuit.ts';
import { noteCall, performanceOf, type RecentCalls } from '../../../shared/domain/routing/performance.ts';
import type { Performance } from '../../../shared/domain/routing/rank-candidates.ts';
import { ExpiringMap } from '../../../shared/platform/expiring-map.ts';
import { ProviderError, type ProviderErrorKind } from '../../../shared/providers/provider-error.ts';
import { CACHED_HEALTH } from '../constants.ts';

interface Health {
  readonly circuit: Circuit;
  readonly calls: RecentCalls;
}

const UNKNOWN: Health = { circuit: CLOSED, calls: [] };

/** Failures that are the request's own: whoever answers so is well. */
const OF_THE_REQUEST: ReadonlySet<ProviderErrorKind> = new Set([
  'validation',
  'model-not-found',
  'context-too-long',
  'content-filtered',
]);

/**
 * How providers do, as this isolate's calls show: by tenant, account and model, so that one tenant's key or limit says
 * nothing of another's.
 */
export class ProviderHealth {
  readonly #known: ExpiringMap<string, Health>;
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#known = new ExpiringMap(CACHED_HEALTH, now);
    this.#now = now;
  }

  performanceOf(tenantId: string, candidate: Candidate): Performance {
    return performanceOf(this.#healthOf(tenantId, candidate).calls);
  }

  /** If a candidate may be called: not while its circuit is open. */
  mayCall(tenantId: string, candidate: Candidate): boolean {
    return mayCall(this.#healthOf(tenantId, candidate).circuit, this.#now());
  }

  /** A call goes out; false, and nothing changed, when the circuit is open. */
  begin(tenantId: string, candidate: Candidate): boolean {
    const health = this.#healthOf(tenantId, candidate);
    if (!mayCall(health.circuit, this.#now())) return false;
    const circuit = onCall(health.circuit, this.#now());
    if (circuit !== health.circuit) this.#keep(tenantId, candidate, { ...health, circuit });
    return true;
  }

  /** A call was answered, or its stream had its first word, after so long. */
  answered(tenantId: string, candidate: Candidate, latencyMs: number): void {
    this.#note(tenantId, candidate, latencyMs, (circuit) => onOutcome(circuit, 'answered', this.#now()));
  }

  /** A call failed. What is the request's own fault, or ours, or the client's, tells nothing of the provider. */
  failed(tenantId: string, candidate: Candidate, cause: unknown): void {
    if (!(cause instanceof ProviderError) || cause.kind === 'canceled') return;
    const { retryAfterMs } = cause;
    if (!OF_THE_REQUEST.has(cause.kind)) {
      this.#note(tenantId, candidate, null, (circuit) => onOutcome(circuit, 'failed', this.#now(), retryAfterMs));
      return;
    }
    const health = this.#healthOf(tenantId, candidate);
    this.#keep(tenantId, candidate, { ...health, circuit: onOutcome(health.circuit, 'answered', this.#now()) });
  }

  #note(tenantId: string, candidate: Candidate, latencyMs: number | null, turn: (circuit: Circuit) => Circuit): void {
    const health = this.#healthOf(tenantId, candidate);
    this.#keep(tenantId, candidate, { circuit: turn(health.circuit), calls: noteCall(health.calls, latencyMs) });
  }

  #healthOf(tenantId: string, { account, offer }: Candidate): Health {
    return this.#known.get(`${tenantId}/${account.id}/${offer.model}`) ?? UNKNOWN;
  }

  #keep(tenantId: string, { account, offer }: Candidate, health: Health): void {
    this.#known.set(`${tenantId}/${account.id}/${offer.model}`, health);
  }
}

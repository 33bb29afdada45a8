import type { Candidate } from '../../../shared/domain/routing/candidate.ts';
import { type Circuit, CLOSED, mayCall, onCall, onOutcome } from '../../../shared/domain/routing/circuit.ts';
import { noteCall, performanceOf, type RecentCalls } from '../../../shared/domain/routing/performance.ts';
import type { Performance } from '../../../shared/domain/routing/rank-candidates.ts';
import { ExpiringMap } from '../../../shared/platform/expiring-map.ts';
import { ProviderError, type ProviderErrorKind } from '../../../shared/providers/provider-error.ts';
import { CACHED_HEALTH } from '../constants.ts';

const NO_CALLS: RecentCalls = [];

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
  /** Those that are not as good as new. */
  readonly #circuits: ExpiringMap<string, Circuit>;
  readonly #calls: ExpiringMap<string, RecentCalls>;
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#circuits = new ExpiringMap(CACHED_HEALTH, now);
    this.#calls = new ExpiringMap(CACHED_HEALTH, now);
    this.#now = now;
  }

  performanceOf(tenantId: string, candidate: Candidate): Performance {
    return performanceOf(this.#calls.get(keyOf(tenantId, candidate)) ?? NO_CALLS);
  }

  /** If a candidate may be called: not while its circuit is open. */
  mayCall(tenantId: string, candidate: Candidate): boolean {
    if (this.#circuits.isEmpty) return true;
    return mayCall(this.#circuitOf(keyOf(tenantId, candidate)), this.#now());
  }

  /** A call goes out; false, and nothing changed, when the circuit is open. */
  begin(tenantId: string, candidate: Candidate): boolean {
    const key = keyOf(tenantId, candidate);
    const circuit = this.#circuitOf(key);
    if (!mayCall(circuit, this.#now())) return false;
    this.#turn(key, onCall(circuit, this.#now()));
    return true;
  }

  /** A call was answered, or its stream had its first word, after so long. */
  answered(tenantId: string, candidate: Candidate, latencyMs: number): void {
    const key = keyOf(tenantId, candidate);
    this.#note(key, latencyMs);
    this.#turn(key, onOutcome(this.#circuitOf(key), 'answered', this.#now()));
  }

  /** A call failed. What is the request's own fault, or ours, or the client's, tells nothing of the provider. */
  failed(tenantId: string, candidate: Candidate, cause: unknown): void {
    if (!(cause instanceof ProviderError) || cause.kind === 'canceled') return;
    const key = keyOf(tenantId, candidate);
    const isOfTheRequest = OF_THE_REQUEST.has(cause.kind);
    if (!isOfTheRequest) this.#note(key, null);
    const outcome = isOfTheRequest ? 'answered' : 'failed';
    this.#turn(key, onOutcome(this.#circuitOf(key), outcome, this.#now(), cause.retryAfterMs));
  }

  #note(key: string, latencyMs: number | null): void {
    this.#calls.set(key, noteCall(this.#calls.get(key) ?? NO_CALLS, latencyMs));
  }

  #circuitOf(key: string): Circuit {
    return this.#circuits.get(key) ?? CLOSED;
  }

  #turn(key: string, circuit: Circuit): void {
    if (circuit.state === 'closed' && circuit.failures === 0) this.#circuits.delete(key);
    else this.#circuits.set(key, circuit);
  }
}

const keys = new WeakMap<Candidate, { readonly tenantId: string; readonly key: string }>();

/** Tells a tenant's candidate from all others; written once for it, since it is asked for with every decision. */
function keyOf(tenantId: string, candidate: Candidate): string {
  const known = keys.get(candidate);
  if (known?.tenantId === tenantId) return known.key;
  const key = `${tenantId}/${candidate.account.id}/${candidate.offer.model}`;
  keys.set(candidate, { tenantId, key });
  return key;
}

import { openerOf } from '../../../shared/auth/opener-of.ts';
import type { RequestAttempt } from '../../../shared/contracts/queues.ts';
import { isAllowedBy } from '../../../shared/domain/routing/residency.ts';
import { retry } from '../../../shared/platform/retry.ts';
import { traceAttributes } from '../../../shared/platform/spans.ts';
import { toTraceparent } from '../../../shared/platform/trace-context.ts';
import type { CallOptions } from '../../../shared/providers/contract.ts';
import { ProviderError } from '../../../shared/providers/provider-error.ts';
import { PROVIDER_ATTEMPTS, PROVIDER_RETRY_BASE_MS, PROVIDER_RETRY_CAP_MS } from '../constants.ts';
import { endpointCalled } from './location-of.ts';
import type { PipelineInput } from './pipeline-input.ts';
import type { RequestPlan } from './plan-request.ts';
import { providerErrorToDomain } from './provider-error-to-domain.ts';

/** A fault of ours before the provider was called, so nothing can be billed. */
export class CredentialsUnavailable extends Error {}

/** The candidate is left alone for now, since others are there: it was not called. */
export class CircuitOpen extends Error {}

/**
 * Runs `call` with the account's opened credentials, and again after a failure that cannot have been billed and that the
 * same provider may not repeat, as far as the account's retry budget goes; where there are alternatives, it is for them to
 * be called next. `call` must not have shown the client anything before it resolves. Rejects with the last failure, and
 * tells the provider's health of each. Time is limited by `abortSignal`.
 */
export async function callProvider<T>(
  input: PipelineInput,
  plan: RequestPlan,
  call: (options: CallOptions) => Promise<T>,
  abortSignal: AbortSignal,
): Promise<T> {
  const { ports, tenant, trace, logFields } = input;
  const { account, offer, endpoint } = plan.candidate;
  const { tenantId } = tenant;
  if (!isAllowedBy(tenant.snapshot.residencyPolicies, endpoint)) throw new Error('planned outside residency');
  const hasOthers = plan.alternatives.length > 0;
  if (!ports.health.begin(tenantId, plan.candidate) && hasOthers) throw new CircuitOpen('the circuit is open');
  const opened = await ports.credentials
    .open(tenantId, account, openerOf(tenant.actor, input.requestId))
    .catch((cause: unknown) => {
      throw new CredentialsUnavailable('the vault did not answer', { cause });
    });
  if (!opened.ok) throw new CredentialsUnavailable(`the vault refused: ${opened.error.reason}`);
  const options: CallOptions = {
    model: offer.model,
    credentials: opened.value,
    ...(endpoint.baseUrl !== null && { baseUrl: endpoint.baseUrl }),
    ...(endpoint.askedRegion !== null && { region: endpoint.askedRegion }),
    fetch: ports.fetch,
    now: ports.now,
    generateId: () => crypto.randomUUID(),
    abortSignal,
    traceparent: toTraceparent(trace),
    onRateLimitHints: (rateLimit) => {
      logFields.rateLimit = rateLimit;
    },
  };
  const attributes = {
    ...{ 'gen_ai.provider.name': offer.provider, 'gen_ai.request.model': offer.model },
    ...traceAttributes(trace),
  };
  const attempt = async () => {
    input.callStartedAt = ports.now();
    try {
      return await ports.spans.run('provider.call', attributes, () => call(options));
    } catch (error) {
      ports.health.failed(tenantId, plan.candidate, error);
      throw error;
    }
  };
  ports.retryBudgets.earn(tenantId, account.id);
  return await retry(attempt, {
    attempts: hasOthers ? 1 : PROVIDER_ATTEMPTS,
    baseMs: PROVIDER_RETRY_BASE_MS,
    capMs: PROVIDER_RETRY_CAP_MS,
    isRetryable: (error) => {
      if (!isWorthAnother(error) || !ports.retryBudgets.take(tenantId, account.id)) return false;
      input.failedCalls.push(failedCall(input, plan, error));
      return true;
    },
    retryAfterMs: (error) => (error instanceof ProviderError ? error.retryAfterMs : undefined),
  });
}

/** A second call is never made for one that may be billed already: the hold covers one. Nor for a pause too long to wait. */
function isWorthAnother(error: unknown): error is ProviderError {
  if (!(error instanceof ProviderError) || error.billing === 'maybe-billed') return false;
  const isPassing = error.kind === 'retryable' || error.kind === 'overloaded' || error.kind === 'rate-limited';
  return isPassing && (error.retryAfterMs ?? 0) <= PROVIDER_RETRY_CAP_MS;
}

/** The record of a call that failed just now. */
export function failedCall(input: PipelineInput, plan: RequestPlan, error: ProviderError): RequestAttempt {
  const { ports, callStartedAt } = input;
  const { offer } = plan.candidate;
  return {
    provider: offer.provider,
    model: offer.model,
    startedAt: callStartedAt,
    endedAt: ports.now(),
    status: 'failed',
    errorCode: providerErrorToDomain(error).code,
    endpoint: endpointCalled(input, plan),
    ...(error.retryAfterMs !== undefined && { retryAfterMs: Math.ceil(error.retryAfterMs) }),
  };
}

import type { SettleCommand } from '../../../shared/contracts/rpc.ts';
import { costOf } from '../../../shared/domain/pricing/cost.ts';
import type { DomainError } from '../../../shared/errors/domain-error.ts';
import { err, ok, type Result } from '../../../shared/errors/result.ts';
import { toTraceparent } from '../../../shared/platform/trace-context.ts';
import type { GenerateResult } from '../../../shared/providers/contract.ts';
import { ProviderError } from '../../../shared/providers/provider-error.ts';
import { HOLD_RENEWAL_MS, PROVIDER_TIMEOUT_MS, UNAVAILABLE_RETRY_MS } from '../constants.ts';
import type { RequestPlan } from './plan-request.ts';
import { providerErrorToDomain } from './provider-error-to-domain.ts';
import type { PipelineInput } from './run-request.ts';

/** How one attempt ended, and what that settles. Cost null: not known, billed at the hold. */
export interface AttemptOutcome {
  readonly result: Result<GenerateResult, DomainError>;
  readonly costPicoUsd: bigint | null;
  readonly settlement: SettleCommand;
}

/** Calls the provider once, renewing the request's hold while it runs. Never rejects: every end settles the hold. */
export async function attempt(input: PipelineInput, plan: RequestPlan): Promise<AttemptOutcome> {
  const { ports, requestId, startedAt } = input;
  const renewal = setInterval(() => void renewHold(input), HOLD_RENEWAL_MS);
  try {
    const generated = await generate(input, plan);
    const costPicoUsd = generated.usage ? costOf(plan.candidate.offer.components, generated.usage) : null;
    return {
      result: ok(generated),
      costPicoUsd,
      settlement: {
        requestId,
        status: 'completed',
        errorCode: null,
        usage: generated.usage ?? {},
        costPicoUsd: costPicoUsd?.toString() ?? null,
        latencyMs: ports.now() - startedAt,
        endedAt: ports.now(),
      },
    };
  } catch (cause) {
    const { error, isBilled } = toFailure(cause);
    input.logger.warn('provider.failed', { code: error.code, error: cause });
    return {
      result: err(error),
      costPicoUsd: isBilled ? null : 0n,
      settlement: {
        requestId,
        status: 'failed',
        errorCode: error.code,
        usage: {},
        costPicoUsd: isBilled ? null : '0',
        latencyMs: ports.now() - startedAt,
        endedAt: ports.now(),
      },
    };
  } finally {
    clearInterval(renewal);
  }
}

async function generate({ ports, tenant, trace }: PipelineInput, plan: RequestPlan): Promise<GenerateResult> {
  const { account, offer } = plan.candidate;
  const opened = await ports.credentials.open(tenant.tenantId, account);
  if (!opened.ok) throw new CredentialsUnavailable(`the vault refused: ${opened.error.reason}`);
  const attributes = { 'gen_ai.provider.name': offer.provider, 'gen_ai.request.model': offer.model };
  return await ports.spans.run('provider.generate', attributes, () =>
    plan.adapter.generate(plan.chat, {
      model: offer.model,
      credentials: opened.value,
      ...(account.baseUrl !== null && { baseUrl: account.baseUrl }),
      fetch: ports.fetch,
      abortSignal: AbortSignal.timeout(PROVIDER_TIMEOUT_MS),
      traceparent: toTraceparent(trace),
    }),
  );
}

async function renewHold({ ports, tenant, requestId, logger }: PipelineInput): Promise<void> {
  try {
    await ports.gate(tenant.tenantId).renew([requestId]);
  } catch (error) {
    logger.warn('hold.not_renewed', { error });
  }
}

/** A fault of ours before the provider was called, so nothing can be billed. */
class CredentialsUnavailable extends Error {}

function toFailure(cause: unknown): { readonly error: DomainError; readonly isBilled: boolean } {
  if (cause instanceof ProviderError) {
    return { error: providerErrorToDomain(cause), isBilled: cause.billing === 'maybe-billed' };
  }
  if (cause instanceof CredentialsUnavailable) {
    const detail = 'The provider account’s credentials cannot be opened right now. Nothing was sent.';
    return { error: { code: 'unavailable', detail, retryAfterMs: UNAVAILABLE_RETRY_MS }, isBilled: false };
  }
  const detail = 'The call to the provider ended in a fault of ours. It is billed at its estimate.';
  return { error: { code: 'internal_error', detail }, isBilled: true };
}

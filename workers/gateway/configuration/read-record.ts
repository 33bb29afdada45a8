import type { DomainError } from '../../../shared/errors/domain-error.ts';
import { err, ok, type Result } from '../../../shared/errors/result.ts';
import { EffectRepeated } from '../../../shared/services/once.ts';
import type { AppContext } from '../app-context.ts';
import { UNAVAILABLE_RETRY_MS } from '../constants.ts';
import { answerLost } from '../idempotency/answer-lost.ts';

/** Runs what asks Postgres or TenantGate for the tenant's record; an outage is an error that says when to try again. */
export async function readRecord<T>(context: AppContext, read: () => Promise<T>): Promise<Result<T, DomainError>> {
  try {
    return ok(await read());
  } catch (error) {
    if (error instanceof EffectRepeated) return err(answerLost(error.requestId));
    context.get('logger').error('record.unavailable', { error });
    const detail = 'This cannot be read or changed right now. Limits that are set go on holding.';
    return err({ code: 'unavailable', detail, retryAfterMs: UNAVAILABLE_RETRY_MS });
  }
}

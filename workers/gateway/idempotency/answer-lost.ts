import type { DomainError } from '../../../shared/errors/domain-error.ts';

/** What is told of a request that may have done what it was asked to, and whose answer is not there. */
export function answerLost(requestId: string): DomainError {
  const detail = `The request with this Idempotency-Key, ${requestId}, ended without an answer that could be kept. What it did was done, and what it cost is billed; it is not run again. Look it up by its id before you ask anew with a new key.`;
  return { code: 'idempotency_answer_lost', detail };
}

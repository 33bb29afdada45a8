import type { AnthropicError } from '../../../../shared/contracts/http/anthropic/messages.ts';
import type { DomainError } from '../../../../shared/errors/domain-error.ts';

const POINTER = '/thread';

/** Refuses a turn of a conversation that the server is to hold: without what it would hold, the answer would be wrong. */
export function threadUnsupported(): DomainError {
  const detail = 'conversations are not stored: send all of its messages';
  return { code: 'not_supported', detail: `thread: ${detail}.`, errors: [{ pointer: POINTER, detail }] };
}

/**
 * What tells Anthropic's clients that a thread was the reason, so that those that can do without send the whole
 * conversation: `error.details`, as `lib/internal/threads/ThreadState` of `@anthropic-ai/sdk` reads it.
 */
export function threadDetails({ code, errors }: DomainError): Pick<AnthropicError['error'], 'details'> {
  const isThread = code === 'not_supported' && errors?.[0]?.pointer === POINTER;
  return isThread ? { details: { error_code: 'thread_unsupported_request', unsupported: ['thread'] } } : {};
}

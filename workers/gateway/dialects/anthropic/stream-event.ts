import type { RawMessageStreamEvent } from '@anthropic-ai/sdk/resources/messages';
import type { AnthropicError } from '../../../../shared/contracts/http/anthropic/messages.ts';

/** One event of a stream as text. JSON has no line breaks of its own, so its data is one line. */
export function streamEvent(event: RawMessageStreamEvent | AnthropicError): string {
  return `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`;
}

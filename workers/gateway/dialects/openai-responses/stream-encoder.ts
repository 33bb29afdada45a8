import { openAiError } from '../../../../shared/contracts/http/openai/error.ts';
import type { DomainError } from '../../../../shared/errors/domain-error.ts';
import type { StreamEncoder, StreamEnding, StreamStart } from '../../pipeline/stream-encoder.ts';
import { writeOpenAiError } from '../openai-error.ts';
import { type AnswerHead, endedAnswer, openAnswer, outcomeOf } from './answer-object.ts';
import { AnswerStream } from './answer-stream.ts';
import type { Echo } from './echo.ts';
import { EventSequence } from './event-sequence.ts';

/** What the events of a stream repeat of its request. */
export interface StreamEncoderOptions {
  readonly echo: Echo;
}

/**
 * Writes a stream as events of the Responses API (https://platform.openai.com/docs/api-reference/responses-streaming).
 * Each thought, text and tool call is an item; a text ends where a thought or a call begins. An answer that the model
 * ended by an error is `response.failed`; a stream that broke is an `error` event. There is no `[DONE]`.
 */
export function createStreamEncoder({ echo }: StreamEncoderOptions): StreamEncoder {
  const events = new EventSequence();
  let begun: { readonly head: AnswerHead; readonly answer: AnswerStream } | null = null;

  function failure(error: DomainError, requestId: string): string {
    const { code, message, param } = openAiError.parse(writeOpenAiError(error, requestId).body).error;
    return events.write({ type: 'error', code, message, param });
  }

  return {
    start({ requestId, model, startedAt }: StreamStart) {
      const head = { requestId, model, startedAt, echo };
      begun = { head, answer: new AnswerStream(requestId, events) };
      const response = openAnswer(head);
      return (
        events.write({ type: 'response.created', response }) + events.write({ type: 'response.in_progress', response })
      );
    },

    parts(group) {
      let text = '';
      for (const part of group) text += begun?.answer.accept(part, group) ?? '';
      return text;
    },

    end(ending: StreamEnding) {
      if (ending.event !== 'completed') return failure(ending.error, ending.response.requestId);
      if (!begun) return '';
      const { head, answer } = begun;
      const { status } = outcomeOf(ending.response);
      const closing = answer.end(status === 'completed' ? 'completed' : 'incomplete');
      const response = endedAnswer(head, ending.response, answer.items);
      return closing + events.write({ type: `response.${status}`, response });
    },

    failure,
  };
}

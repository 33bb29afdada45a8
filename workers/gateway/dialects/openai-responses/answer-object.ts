import type { Response, ResponseOutputItem, ResponseUsage } from 'openai/resources/responses/responses';
import type { OrchestrateResponse } from '../../../../shared/contracts/http/orchestrate.ts';
import { chatOutputOf } from '../chat-output.ts';
import { compactId } from '../compact-id.ts';
import type { Echo } from './echo.ts';

/** A Response as the API writes it: `output_text` is added by its clients, and `store` is not in their types. */
export type Answer = Omit<Response, 'output_text'> & { readonly store: false };

/** What an answer says from its beginning on. */
export interface AnswerHead {
  readonly requestId: string;
  readonly model: string;
  /** Epoch milliseconds. */
  readonly startedAt: number;
  readonly echo: Echo;
}

/** An answer that is still being written. */
export function openAnswer(head: AnswerHead): Answer {
  return answer(head, { status: 'in_progress', error: null, incomplete_details: null }, []);
}

/** An answer that has ended, with its items: completed, cut short, or failed by the model itself. */
export function endedAnswer(head: AnswerHead, response: OrchestrateResponse, output: ResponseOutputItem[]): Answer {
  const { latencyMs, usage } = response;
  const outcome = outcomeOf(response);
  return {
    ...answer({ ...head, model: response.model }, outcome, output),
    ...(outcome.status === 'completed' && latencyMs !== null && { completed_at: seconds(head.startedAt + latencyMs) }),
    ...(usage && { usage: writeUsage(usage) }),
  };
}

interface Outcome<Status> extends Pick<Response, 'error' | 'incomplete_details'> {
  readonly status: Status;
}
type EndStatus = 'completed' | 'incomplete' | 'failed';

/** How an answer ended. A model that ended by an error of its own has failed, though the request has not. */
export function outcomeOf(response: OrchestrateResponse): Outcome<EndStatus> {
  const ended = chatOutputOf(response);
  switch (ended?.finishReason) {
    case 'length':
      return { status: 'incomplete', error: null, incomplete_details: { reason: 'max_output_tokens' } };
    case 'content-filter':
      return { status: 'incomplete', error: null, incomplete_details: { reason: 'content_filter' } };
    case 'error': {
      const message = `The model ended with an error: ${ended.rawFinishReason ?? 'it did not say which'}`;
      return { status: 'failed', error: { code: 'server_error', message }, incomplete_details: null };
    }
    default:
      return { status: 'completed', error: null, incomplete_details: null };
  }
}

function answer(
  { requestId, model, startedAt, echo }: AnswerHead,
  outcome: Outcome<EndStatus | 'in_progress'>,
  output: ResponseOutputItem[],
) {
  return {
    id: `resp_${compactId(requestId)}`,
    object: 'response',
    created_at: seconds(startedAt),
    ...outcome,
    access_programs: null,
    background: false,
    completed_at: null,
    max_tool_calls: null,
    model,
    output,
    previous_response_id: null,
    service_tier: 'default',
    store: false,
    top_logprobs: 0,
    ...echo,
  } satisfies Answer;
}

function seconds(milliseconds: number): number {
  return Math.floor(milliseconds / 1000);
}

function writeUsage(usage: NonNullable<OrchestrateResponse['usage']>): ResponseUsage {
  const { inputTokens = 0, outputTokens = 0 } = usage;
  return {
    input_tokens: inputTokens,
    input_tokens_details: {
      cached_tokens: usage.cachedInputTokens ?? 0,
      cache_write_tokens: usage.cacheWriteTokens ?? 0,
    },
    output_tokens: outputTokens,
    output_tokens_details: { reasoning_tokens: usage.reasoningTokens ?? 0 },
    total_tokens: inputTokens + outputTokens,
  };
}

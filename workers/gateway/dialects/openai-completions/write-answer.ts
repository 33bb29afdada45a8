import type { Completion, CompletionChoice } from 'openai/resources/completions';
import type { OpenAiCompletion } from '../../../../shared/contracts/http/openai/completions.ts';
import type { OrchestrateOutput, OrchestrateResponse } from '../../../../shared/contracts/http/orchestrate.ts';
import { writeUsage } from '../openai-chat/write-usage.ts';

type TextOutput = Exclude<OrchestrateOutput, { embeddings: unknown }>;

const FINISH_REASONS: { readonly [Reason in TextOutput['finishReason']]: CompletionChoice['finish_reason'] } = {
  stop: 'stop',
  length: 'length',
  'content-filter': 'content_filter',
  'tool-calls': 'stop',
  error: 'stop',
  other: 'stop',
  unknown: 'stop',
};

/** The id that a completion and all its chunks have. */
export function completionId(requestId: string): string {
  return `cmpl-${requestId}`;
}

/** Why the model stopped, in OpenAI's words. Throws where the answer is no text: no completion ends in one. */
export function writeFinishReason({ output }: Pick<OrchestrateResponse, 'output'>): CompletionChoice['finish_reason'] {
  return FINISH_REASONS[textOutput(output).finishReason];
}

/**
 * The answer to a completion as OpenAI writes it (https://platform.openai.com/docs/api-reference/completions/object), of
 * a model that completes or of one that chats. Usage is absent where it is not known. `createdMs` is epoch milliseconds.
 */
export function writeAnswer(response: OrchestrateResponse, createdMs: number): OpenAiCompletion {
  const output = textOutput(response.output);
  const usage = writeUsage(response.usage);
  return {
    id: completionId(response.requestId),
    object: 'text_completion',
    created: Math.floor(createdMs / 1000),
    model: response.model,
    choices: [
      {
        text: 'message' in output ? output.message.content : output.text,
        index: 0,
        logprobs: null,
        finish_reason: writeFinishReason(response),
      },
    ],
    ...(usage && { usage }),
  } satisfies Completion;
}

function textOutput(output: OrchestrateResponse['output']): TextOutput {
  if (!output || 'embeddings' in output) throw new TypeError('the answer is not a text');
  return output;
}

import type { FunctionTool, Response } from 'openai/resources/responses/responses';
import type { OpenAiResponsesRequest } from '../../../../shared/contracts/http/openai/responses.ts';
import type { ReadTools } from './read-tools.ts';

type Repeated =
  | 'instructions'
  | 'max_output_tokens'
  | 'metadata'
  | 'parallel_tool_calls'
  | 'prompt_cache_key'
  | 'reasoning'
  | 'safety_identifier'
  | 'temperature'
  | 'text'
  | 'tool_choice'
  | 'tools'
  | 'top_p'
  | 'truncation'
  | 'user';

/** What an answer repeats of its request. */
export type Echo = Pick<Response, Repeated>;

/** Repeats a request's settings; where it is silent, what the API answers then. Repeats no tool that was left out. */
export function readEcho(body: OpenAiResponsesRequest, { offered }: ReadTools): Echo {
  const { reasoning, text, user, tool_choice: choice } = body;
  return {
    instructions: body.instructions ?? null,
    max_output_tokens: body.max_output_tokens ?? null,
    metadata: body.metadata ?? {},
    parallel_tool_calls: body.parallel_tool_calls ?? true,
    prompt_cache_key: body.prompt_cache_key ?? null,
    reasoning: {
      effort: reasoning?.effort ?? null,
      summary: reasoning?.summary ?? reasoning?.generate_summary ?? null,
    },
    safety_identifier: body.safety_identifier ?? null,
    temperature: body.temperature ?? null,
    text: { format: repeatFormat(text?.format), ...(text?.verbosity && { verbosity: text.verbosity }) },
    tool_choice: choice == null || (typeof choice === 'object' && choice.type === 'other') ? 'auto' : choice,
    tools: offered.map(
      ({ type, name, description, parameters, strict }): FunctionTool => ({
        type,
        name,
        description: description ?? null,
        parameters: parameters ?? null,
        strict: strict ?? null,
      }),
    ),
    top_p: body.top_p ?? null,
    truncation: body.truncation ?? 'disabled',
    ...(user != null && { user }),
  };
}

type Format = NonNullable<NonNullable<OpenAiResponsesRequest['text']>['format']>;

function repeatFormat(format: Format | null | undefined): NonNullable<NonNullable<Response['text']>['format']> {
  if (format?.type !== 'json_schema') return { type: format?.type ?? 'text' };
  const { type, name, schema, description, strict } = format;
  return { type, name, schema, strict: strict ?? null, ...(description && { description }) };
}

import type {
  Tool as AnthropicTool,
  MessageCreateParamsBase,
  OutputConfig,
  TextBlockParam,
  ToolChoice,
} from '@anthropic-ai/sdk/resources/messages';
import type { ChatRequest, Tool } from '../contract.ts';
import { adaptIds } from '../convert/adapt-ids.ts';
import { mergeProviderOptions } from '../convert/merge-provider-options.ts';
import { omitUndefined } from '../convert/omit-undefined.ts';
import { splitSystem } from '../convert/split-system.ts';
import { ignored, warnUnsupported } from '../convert/warn-unsupported.ts';
import { RESERVED_OPTIONS, TOOL_CALL_ID } from './constants.ts';
import { convertEffort, type Effort } from './convert-effort.ts';
import { convertMessages } from './convert-messages.ts';
import { convertSchema } from './convert-schema.ts';

/**
 * The body of `POST /messages`. API version 2026-10-21 refuses sampling parameters even at their defaults, see
 * https://platform.claude.com/docs/en/api/migration-2026-10-21
 */
export function convertRequest(
  request: ChatRequest,
  model: string,
): { readonly body: object; readonly warnings: readonly string[] } {
  const { system, turns, warnings: splitWarnings } = splitSystem(adaptIds(request.messages, TOOL_CALL_ID));
  const warnings = new Set([
    ...splitWarnings,
    ...warnUnsupported(request, ['temperature', 'topP', 'topK', 'frequencyPenalty', 'presencePenalty', 'seed']),
  ]);
  const { thinking, effort, warnings: effortWarnings } = convertEffort(request, model);
  for (const warning of effortWarnings) warnings.add(warning);
  const body: MessageCreateParamsBase = {
    model,
    max_tokens: request.maxOutputTokens,
    messages: convertMessages(turns, warnings),
    ...omitUndefined({
      system: convertSystem(system),
      stop_sequences: request.stop?.slice(),
      thinking,
      output_config: convertOutputConfig(request, effort, warnings),
      tools: request.tools?.map((tool) => convertTool(tool, warnings)),
      tool_choice: convertToolChoice(request),
    }),
  };
  const merged = mergeProviderOptions(body, 'anthropic', request, RESERVED_OPTIONS);
  return { body: merged.body, warnings: [...warnings, ...merged.warnings] };
}

function convertSystem(system: readonly string[]): string | TextBlockParam[] | undefined {
  return system.length > 1 ? system.map((text) => ({ type: 'text', text })) : system[0];
}

function convertOutputConfig(
  { responseFormat }: ChatRequest,
  effort: Effort['effort'],
  warnings: Set<string>,
): OutputConfig | undefined {
  const { schema, description } = responseFormat?.type === 'json' ? responseFormat : {};
  if (responseFormat?.type === 'json' && !schema) warnings.add(ignored('responseFormat json without a schema'));
  if (!schema) return effort === undefined ? undefined : { effort };
  if (description) warnings.add(ignored('description of a responseFormat'));
  return { ...(effort && { effort }), format: { type: 'json_schema', schema: convertedSchema(schema, warnings) } };
}

function convertTool({ name, description, parameters, strict }: Tool, warnings: Set<string>): AnthropicTool {
  const schema = strict ? convertedSchema(parameters, warnings) : parameters;
  return { name, input_schema: { ...schema, type: 'object' }, ...omitUndefined({ description, strict }) };
}

function convertedSchema(schema: Tool['parameters'], warnings: Set<string>): Tool['parameters'] {
  const converted = convertSchema(schema);
  for (const warning of converted.warnings) warnings.add(warning);
  return converted.schema;
}

/** The choice also says whether several calls may come at once; without a choice, that needs one. */
function convertToolChoice({ tools, toolChoice, parallelToolCalls }: ChatRequest): ToolChoice | undefined {
  const disable = parallelToolCalls === false && { disable_parallel_tool_use: true };
  switch (toolChoice) {
    case undefined:
      return tools?.length && disable ? { type: 'auto', ...disable } : undefined;
    case 'none':
      return { type: 'none' };
    case 'auto':
      return { type: 'auto', ...disable };
    case 'required':
      return { type: 'any', ...disable };
    default:
      return { type: 'tool', name: toolChoice.name, ...disable };
  }
}

import type { AnthropicCountTokensRequest } from '../../../../shared/contracts/http/anthropic/count-tokens.ts';
import type { AnthropicCustomTool, AnthropicToolChoice } from '../../../../shared/contracts/http/anthropic/tools.ts';
import type { ChatInput } from '../../../../shared/contracts/http/chat-input.ts';
import { omitUndefined } from '../../../../shared/providers/convert/omit-undefined.ts';
import type { Notes } from '../notes.ts';
import { isClientTool, isCustomTool } from './offered-items.ts';
import { unsayCache } from './unsay-cache.ts';

type Tools = Pick<ChatInput, 'tools' | 'toolChoice' | 'parallelToolCalls'>;

/** The client's own tools and the choice among them. A choice of a tool that is not among them is left out. */
export function readTools(
  { tools, tool_choice: choice }: Pick<AnthropicCountTokensRequest, 'tools' | 'tool_choice'>,
  notes: Notes,
): Tools {
  for (const tool of tools?.filter(isClientTool) ?? []) notes.unsay(`tool ${tool.type}`, tool);
  const own = tools?.filter(isCustomTool).map((tool) => readTool(tool, notes)) ?? [];
  if (own.length === 0) {
    if (choice && choice.type !== 'auto' && choice.type !== 'none') notes.unsay('tool_choice without tools', choice);
    return {};
  }
  const toolChoice = readChoice(choice, own, notes);
  const isSerial = choice && 'disable_parallel_tool_use' in choice && choice.disable_parallel_tool_use;
  return { tools: own, ...(toolChoice && { toolChoice }), ...(isSerial && { parallelToolCalls: false }) };
}

function readTool(tool: AnthropicCustomTool, notes: Notes): NonNullable<ChatInput['tools']>[number] {
  unsayCache(notes, tool);
  notes.unsay('input_examples of a tool', tool.input_examples);
  notes.unsay('eager_input_streaming of a tool', tool.eager_input_streaming || null);
  const { name, description, input_schema: parameters, strict } = tool;
  return { name, parameters, ...omitUndefined({ description, strict }) };
}

function readChoice(
  choice: AnthropicToolChoice | undefined,
  tools: NonNullable<Tools['tools']>,
  notes: Notes,
): Tools['toolChoice'] {
  switch (choice?.type) {
    case undefined:
      return undefined;
    case 'any':
      return 'required';
    case 'auto':
    case 'none':
      return choice.type;
    case 'tool':
      if (tools.some(({ name }) => name === choice.name)) return { name: choice.name };
      notes.unsay('tool_choice of a tool that was left out', choice);
      return undefined;
  }
}

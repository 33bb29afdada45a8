import type { ChatInput } from '../../../../shared/contracts/http/chat-input.ts';
import type {
  OpenAiResponsesRequest,
  OpenAiResponsesTool,
} from '../../../../shared/contracts/http/openai/responses.ts';
import { ignored } from '../../../../shared/providers/convert/warn-unsupported.ts';

type FunctionTool = Extract<OpenAiResponsesTool, { type: 'function' }>;

/** Tools of a request in both forms: as the platform takes them, and as the answer repeats them. */
export interface ReadTools {
  readonly input: Pick<ChatInput, 'tools' | 'toolChoice' | 'parallelToolCalls'>;
  readonly offered: readonly FunctionTool[];
}

/**
 * The functions that a request offers. Tools that are no functions are left out and named in `warnings`. `allowed_tools`
 * offers what it allows. Without a function there is nothing to choose from: then no setting of tools is kept.
 */
export function readTools(body: OpenAiResponsesRequest, warnings: Set<string>): ReadTools {
  const functions: FunctionTool[] = [];
  for (const tool of body.tools ?? []) {
    if (tool.type === 'function') functions.push(tool);
    else warnings.add(ignored(`a tool of type ${tool.originalType}`));
  }
  const choice = body.tool_choice ?? undefined;
  const allowed = allowedNames(choice);
  const tools = allowed ? functions.filter(({ name }) => allowed.has(name)) : functions;
  if (tools.length === 0) {
    if (choice !== undefined && choice !== 'auto' && choice !== 'none')
      warnings.add(ignored('tool_choice without tools'));
    return { input: {}, offered: functions };
  }
  const toolChoice = readChoice(choice, warnings);
  return {
    input: {
      tools: tools.map(readTool),
      ...(toolChoice !== undefined && { toolChoice }),
      ...(body.parallel_tool_calls != null && { parallelToolCalls: body.parallel_tool_calls }),
    },
    offered: functions,
  };
}

function allowedNames(choice: OpenAiResponsesRequest['tool_choice']): ReadonlySet<unknown> | undefined {
  if (typeof choice !== 'object' || choice?.type !== 'allowed_tools') return undefined;
  return new Set(choice.tools.filter(({ type }) => type === 'function').map(({ name }) => name));
}

function readChoice(choice: OpenAiResponsesRequest['tool_choice'], warnings: Set<string>): ChatInput['toolChoice'] {
  if (choice == null || typeof choice === 'string') return choice ?? undefined;
  if (choice.type === 'function') return { name: choice.name };
  if (choice.type === 'allowed_tools') return choice.mode;
  warnings.add(ignored(`tool_choice of type ${choice.originalType}`));
  return undefined;
}

function readTool({ name, description, parameters, strict }: FunctionTool): NonNullable<ChatInput['tools']>[number] {
  return {
    name,
    parameters: parameters ?? { type: 'object', properties: {} },
    ...(description && { description }),
    ...(strict != null && { strict }),
  };
}

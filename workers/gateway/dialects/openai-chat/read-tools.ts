import type { ChatInput } from '../../../../shared/contracts/http/chat-input.ts';
import type { OpenAiChatRequest } from '../../../../shared/contracts/http/openai/chat-completions.ts';
import { ignored } from '../../../../shared/providers/convert/warn-unsupported.ts';
import type { Notes } from '../notes.ts';

type Tools = NonNullable<OpenAiChatRequest['tools']>;
type FunctionTool = Extract<Tools[number], { type: 'function' }>;
type Choice = Exclude<NonNullable<OpenAiChatRequest['tool_choice']>, string>;
type NamedChoice = Extract<Choice, { type: 'function' }>;
type AllowedTools = Extract<Choice, { type: 'allowed_tools' }>;

/** What a function without parameters takes. */
const NO_PARAMETERS = { type: 'object', properties: {} };

/** Tools and how to choose among them, in the platform's form and as OpenAI itself gets them. */
export interface ReadTools {
  readonly input: Pick<ChatInput, 'tools' | 'toolChoice' | 'parallelToolCalls'>;
  readonly native: Pick<OpenAiChatRequest, 'tools' | 'tool_choice' | 'parallel_tool_calls'>;
}

/**
 * Reads the tools. Where none is left, nothing is to be chosen: OpenAI would refuse a choice without tools. In the
 * platform's form `allowed_tools` offers what it allows.
 */
export function readTools(request: OpenAiChatRequest, notes: Notes): ReadTools {
  const tools = (request.tools ?? []).filter(isFunctionTool);
  for (const { type } of request.tools ?? []) {
    if (type !== 'function') notes.warnings.add(`tools of type ${type} were ignored: they are not offered`);
  }
  if (tools.length === 0) {
    const { tool_choice: asked } = request;
    if (asked != null && asked !== 'auto' && asked !== 'none') notes.warnings.add(ignored('tool_choice without tools'));
    return { input: {}, native: {} };
  }
  const choice = readChoice(request.tool_choice ?? undefined, notes);
  const parallel = request.parallel_tool_calls ?? undefined;
  const allowed = choice?.allowed ? tools.filter(({ function: { name } }) => choice.allowed?.has(name)) : tools;
  return {
    input:
      allowed.length === 0
        ? {}
        : {
            tools: allowed.map(readTool),
            ...(choice && { toolChoice: choice.input }),
            ...(parallel !== undefined && { parallelToolCalls: parallel }),
          },
    native: {
      tools,
      ...(choice && { tool_choice: choice.native }),
      ...(parallel !== undefined && { parallel_tool_calls: parallel }),
    },
  };
}

function readTool({ function: { name, description, parameters, strict } }: FunctionTool) {
  return {
    name,
    parameters: parameters ?? NO_PARAMETERS,
    ...(description != null && { description }),
    ...(strict != null && { strict }),
  };
}

interface ReadChoice {
  /** Names of the only functions that may be called; absent where all may. */
  readonly allowed?: ReadonlySet<unknown>;
  readonly input: NonNullable<ChatInput['toolChoice']>;
  readonly native: NonNullable<OpenAiChatRequest['tool_choice']>;
}

function readChoice(choice: OpenAiChatRequest['tool_choice'], notes: Notes): ReadChoice | null {
  if (choice == null) return null;
  if (typeof choice === 'string') return { input: choice, native: choice };
  if (isNamed(choice)) return { input: { name: choice.function.name }, native: choice };
  if (isAllowedTools(choice)) {
    const { mode, tools } = choice.allowed_tools;
    const offered = tools.filter(({ type }) => type === 'function');
    return {
      allowed: new Set(offered.map(nameOf)),
      input: mode,
      native: { type: 'allowed_tools', allowed_tools: { mode, tools: offered } },
    };
  }
  notes.warnings.add(`tool_choice of type ${choice.type} was ignored: it is not offered`);
  return null;
}

function nameOf({ function: named }: { readonly function?: unknown }): unknown {
  return typeof named === 'object' && named !== null && 'name' in named ? named.name : undefined;
}

/** Guarantee: the schema takes no other item of this type. */
function isFunctionTool(tool: Tools[number]): tool is FunctionTool {
  return tool.type === 'function';
}

/** Guarantee: the schema takes no other choice of this type. */
function isNamed(choice: Choice): choice is NamedChoice {
  return choice.type === 'function';
}

/** Guarantee: the schema takes no other choice of this type. */
function isAllowedTools(choice: Choice): choice is AllowedTools {
  return choice.type === 'allowed_tools';
}

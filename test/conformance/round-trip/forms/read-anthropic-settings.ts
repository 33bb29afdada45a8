import type { Settings, Tool } from '../conversation.ts';
import type { MessagesBody } from './anthropic.ts';

/** Fields that the gateway does not offer. */
const UNOFFERED = ['service_tier', 'x_unknown'];
const SAMPLING = { temperature: 'temperature', top_p: 'topP', top_k: 'topK' } as const;
const MAX_STOPS = 4;

/** How a body of Messages asks to be answered. `beside` gets what the platform's form has no word for. */
export function readMessagesSettings(body: MessagesBody, beside: Set<string>): Settings {
  for (const name of UNOFFERED) if (name in body) beside.add(`/${name} was ignored`);
  if (body.metadata?.user_id != null) beside.add('metadata.user_id was ignored');
  if (body.diagnostics) beside.add('diagnostics was ignored');
  const { stop_sequences: stop = [], output_config: config, output_format: older } = body;
  if (stop.length > MAX_STOPS) beside.add('stop_sequences after the first 4 were ignored');
  const schema = (config?.format ?? older)?.schema;
  const effort = readEffort(body, beside);
  return {
    ...Object.fromEntries(
      Object.entries(SAMPLING).flatMap(([theirs, ours]) => {
        const value = body[theirs];
        return typeof value === 'number' && !(ours === 'topK' && value === 0) ? [[ours, value]] : [];
      }),
    ),
    ...(typeof body.max_tokens === 'number' && { limit: body.max_tokens }),
    ...(stop.length > 0 && { stop: stop.slice(0, MAX_STOPS) }),
    ...(effort && { effort }),
    ...(schema !== undefined && { format: { schema } }),
    ...readTools(body, beside),
  };
}

function readEffort({ thinking, output_config: config }: MessagesBody, beside: Set<string>): string | undefined {
  if (thinking?.display === 'omitted') beside.add('thinking.display was ignored');
  const level = config?.effort ?? undefined;
  if (thinking?.type === 'between_tools') beside.add('thinking between_tools was ignored');
  if (thinking?.type === 'adaptive') return level ?? 'high';
  if (thinking?.type !== 'disabled' && thinking?.type !== 'enabled') return level;
  if (level) beside.add('output_config.effort was ignored');
  if (thinking.type === 'disabled') return 'none';
  beside.add('thinking.budget_tokens became effort');
  const { budget_tokens: tokens = 0 } = thinking;
  return tokens < 4096 ? 'low' : tokens < 16_384 ? 'medium' : 'high';
}

function readTools({ tools = [], tool_choice: choice }: MessagesBody, beside: Set<string>): Settings {
  const own = tools.flatMap((tool): Tool[] => {
    if (tool.type === 'bash_20250124') beside.add('tool bash_20250124 was ignored');
    else if (tool.type && tool.type !== 'custom') beside.add(`${tool.type} was ignored`);
    if (tool.input_schema === undefined) return [];
    if (tool.cache_control) beside.add('cache_control was ignored');
    if (tool.eager_input_streaming) beside.add('eager_input_streaming of a tool was ignored');
    if (tool.input_examples) beside.add('input_examples of a tool was ignored');
    const { name = '', description, input_schema: schema, strict } = tool;
    return [{ name, schema, ...(description && { description }), ...(strict !== undefined && { strict }) }];
  });
  if (own.length === 0) {
    if (choice && choice.type !== 'auto' && choice.type !== 'none') beside.add('tool_choice without tools was ignored');
    return {};
  }
  const all: Settings = { tools: own, ...(choice?.disable_parallel_tool_use && { parallel: false }) };
  switch (choice?.type) {
    case undefined:
      return all;
    case 'any':
      return { ...all, choice: 'required' };
    case 'tool':
      if (own.some(({ name }) => name === choice.name)) return { ...all, choice: { name: choice.name ?? '' } };
      beside.add('tool_choice of a tool that was left out was ignored');
      return all;
    default:
      return { ...all, choice: choice?.type ?? 'auto' };
  }
}

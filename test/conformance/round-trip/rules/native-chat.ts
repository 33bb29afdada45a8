import { splitId } from '../arbitraries/signed.ts';
import type { ChatBody, ChatMessage } from '../forms/openai-chat.ts';

/** What the gateway decides itself, or never offers. */
const LEFT_OUT = ['messages', 'model', 'max_tokens', 'max_completion_tokens', 'stream', 'stream_options'];
const UNOFFERED = ['service_tier', 'x_unknown'];

/** A client's body as OpenAI is to get it. `lost` gets a phrase of the warning for each thing of it that is left out. */
export function nativeChat(body: ChatBody, lost: Set<string>): object {
  const { tools, tool_choice: choice, parallel_tool_calls: parallel, ...rest } = body;
  for (const name of UNOFFERED) if (name in body) lost.add(`/${name} was ignored`);
  const { max_tokens: older, max_completion_tokens: limit, stream_options: streaming } = body;
  if ((limit ?? older) == null) lost.add('was not set: 4096 applies');
  if (typeof streaming === 'object' && streaming && 'include_obfuscation' in streaming) lost.add('include_obfuscation');
  const functions = (tools ?? []).filter((tool) => tool.function);
  if (functions.length < (tools ?? []).length) lost.add('tools of type custom were ignored');
  const options = Object.entries(rest).filter(
    ([name, value]) => value !== null && !LEFT_OUT.includes(name) && !UNOFFERED.includes(name),
  );
  return {
    ...Object.fromEntries(options),
    ...(functions.length > 0 && { tools: functions }),
    ...(functions.length > 0 && parallel != null && { parallel_tool_calls: parallel }),
    ...nativeChoice(choice, functions.length > 0, lost),
    messages: nativeMessages(body.messages, lost),
  };
}

function nativeChoice(choice: ChatBody['tool_choice'], hasTools: boolean, lost: Set<string>): object {
  if (choice == null) return {};
  if (!hasTools) {
    if (choice !== 'auto' && choice !== 'none') lost.add('tool_choice without tools was ignored');
    return {};
  }
  if (typeof choice === 'string' || choice.function || choice.allowed_tools) return { tool_choice: choice };
  lost.add(`tool_choice of type ${choice.type} was ignored`);
  return {};
}

function nativeMessages(messages: readonly ChatMessage[], lost: Set<string>): object[] {
  const leftOut = new Set<string>();
  return messages.flatMap((message, index): object[] => {
    const { annotations: _, reasoning_content: text, reasoning_details: details, x_extra: extra, ...rest } = message;
    const { tool_calls: calls, tool_call_id: id, ...said } = rest;
    if (extra !== undefined) lost.add(`/messages/${index}/x_extra was ignored`);
    if (id !== undefined) return leftOut.has(id) ? [] : [{ ...said, tool_call_id: splitId(id).id }];
    for (const call of calls ?? []) {
      if (call.function) continue;
      leftOut.add(call.id);
      lost.add('tool calls of type custom were ignored');
    }
    const kept = (calls ?? []).filter((call) => call.function).map((call) => ({ ...call, id: splitId(call.id).id }));
    if (calls?.length && kept.length === 0 && !said.content?.length && !said.refusal) return [];
    if (details?.some(({ type }) => type !== 'reasoning.text'))
      lost.add('reasoning_details of type reasoning.encrypted');
    if (text || details?.some(({ type }) => type === 'reasoning.text'))
      lost.add('reasoning of an earlier turn does not');
    return [{ ...said, ...(kept.length > 0 && { tool_calls: kept }) }];
  });
}

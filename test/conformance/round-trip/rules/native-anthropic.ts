import { hashed } from '../../../../shared/providers/convert/adapt-ids.ts';
import { splitId } from '../arbitraries/signed.ts';
import type { Block, MessageParam, MessagesBody } from '../forms/anthropic.ts';

const SAMPLING = ['temperature', 'top_p', 'top_k'];
const UNOFFERED = ['service_tier', 'x_unknown'];
/** What the gateway decides itself, and the older name of `output_config.format`. */
const LEFT_OUT = ['model', 'max_tokens', 'stream', 'output_format', 'output_config', 'tools', 'tool_choice'];
const UNOFFERED_BLOCKS = ['container_upload', 'server_tool_use', 'tool_reference'];

/** A client's body as Anthropic is to get it. `lost` gets a phrase of the warning for each thing that is left out. */
export function nativeMessages(body: MessagesBody, lost: Set<string>): object {
  const { output_config: config, output_format: older, cache_control: mark, tools, tool_choice: choice } = body;
  const kept = Object.entries(body).filter(
    ([name]) => ![...SAMPLING, ...UNOFFERED, ...LEFT_OUT, 'cache_control'].includes(name),
  );
  for (const name of SAMPLING) if (name in body) lost.add(`${name} does not reach Anthropic`);
  for (const name of UNOFFERED) if (name in body) lost.add(`/${name} was ignored`);
  if (mark?.ttl === '1h') lost.add('/cache_control/ttl was ignored');
  const format = { ...config, ...(older && { format: older }) };
  const offered = tools?.filter(({ type }) => type !== 'web_search_20250305') ?? [];
  if (tools && offered.length < tools.length) lost.add('web_search_20250305 was ignored');
  const isChoice = choice?.type === 'tool' ? offered.some(({ name }) => name === choice.name) : offered.length > 0;
  const asksCall = choice?.type === 'any' || choice?.type === 'tool';
  if (asksCall && !isChoice) lost.add('tool_choice does not reach Anthropic');
  return {
    ...Object.fromEntries(kept),
    ...(mark && { cache_control: { type: mark.type } }),
    ...(Object.keys(format).length > 0 && { output_config: format }),
    ...(offered.length > 0 && { tools: offered }),
    ...(choice && isChoice && { tool_choice: choice }),
    messages: body.messages.flatMap((message) => nativeMessage(message, lost)),
  };
}

function nativeMessage({ role, content }: MessageParam, lost: Set<string>): object[] {
  if (typeof content === 'string') return [{ role, content }];
  const blocks = content.flatMap((block) => nativeBlock(block, lost));
  return blocks.length > 0 ? [{ role, content: blocks }] : [];
}

function nativeBlock(block: Block, lost: Set<string>): object[] {
  const { type, id, tool_use_id: callId, content, signature } = block;
  if (UNOFFERED_BLOCKS.includes(type)) {
    lost.add(`${type} was ignored`);
    return [];
  }
  if (type === 'thinking' && (signature === undefined || signature.startsWith('eufm:'))) {
    lost.add('thinking of another provider does not reach Anthropic');
    return [];
  }
  const isResult = type === 'tool_result' && typeof content === 'object';
  return [
    {
      ...block,
      ...(id !== undefined && { id: takenId(id) }),
      ...(callId !== undefined && { tool_use_id: takenId(callId) }),
      ...(isResult && { content: content.flatMap((inner) => nativeBlock(inner, lost)) }),
    },
  ];
}

function takenId(text: string): string {
  const { id } = splitId(text);
  return /^[a-zA-Z0-9_-]+$/.test(id) ? id : hashed(id);
}

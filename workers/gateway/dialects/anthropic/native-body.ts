import type {
  AnthropicAssistantBlock,
  AnthropicMessageParam,
  AnthropicUserBlock,
} from '../../../../shared/contracts/http/anthropic/content-blocks.ts';
import type { AnthropicMessagesRequest } from '../../../../shared/contracts/http/anthropic/messages.ts';
import type { AnthropicClientTool, AnthropicCustomTool } from '../../../../shared/contracts/http/anthropic/tools.ts';
import { TOOL_CALL_ID } from '../../../../shared/providers/anthropic/constants.ts';
import type { NativeRequest } from '../../../../shared/providers/contract.ts';
import { hashed } from '../../../../shared/providers/convert/adapt-ids.ts';
import { omitUndefined } from '../../../../shared/providers/convert/omit-undefined.ts';
import type { Notes } from '../notes.ts';
import { readSignedId } from '../signed-ids.ts';
import { isAssistantBlock, isOfferedTool, isResultBlock, isUserBlock } from './offered-items.ts';
import { isOwnSignature } from './signature-mark.ts';

/** Citations of a search that is not handed back. */
const SEARCH_CITATION = 'web_search_result_location';

/**
 * The request as Anthropic gets it: what is not offered is left out, ids are those that Anthropic gave or takes, and thoughts are
 * its own. Sampling parameters are left out too, since API version 2026-10-21 refuses them at any value, see
 * https://platform.claude.com/docs/en/api/migration-2026-10-21
 */
export function toNativeBody(request: AnthropicMessagesRequest, notes: Notes): NativeRequest['body'] {
  const {
    model: _,
    max_tokens: __,
    stream: ___,
    thread: ____,
    temperature,
    top_p,
    top_k,
    output_format: format,
    ...rest
  } = request;
  for (const name of Object.keys(omitUndefined({ temperature, top_p, top_k }))) {
    notes.unsent.add(`${name} does not reach Anthropic: its API refuses it`);
  }
  const tools = rest.tools && keep(rest.tools, isOfferedTool, notes);
  const isChoice = hasChoice(rest.tool_choice, tools ?? []);
  if (!isChoice && rest.tool_choice && rest.tool_choice.type !== 'auto' && rest.tool_choice.type !== 'none') {
    notes.unsent.add('tool_choice does not reach Anthropic: there is no tool that it could choose');
  }
  const config = { ...rest.output_config, ...(format && !rest.output_config?.format && { format }) };
  return omitUndefined({
    ...rest,
    messages: rest.messages.flatMap((message) => toNativeMessage(message, notes)),
    output_config: Object.keys(config).length > 0 ? config : undefined,
    tools: tools?.length ? tools : undefined,
    tool_choice: isChoice ? rest.tool_choice : undefined,
  });
}

/** A choice needs tools, and one by name needs that tool; a tool that Anthropic defines may go without a name. */
function hasChoice(
  choice: AnthropicMessagesRequest['tool_choice'],
  tools: readonly (AnthropicCustomTool | AnthropicClientTool)[],
): boolean {
  if (choice?.type !== 'tool') return tools.length > 0;
  return tools.some(({ name }) => name === undefined || name === choice.name);
}

/** None where nothing of the message is left. */
function toNativeMessage(message: AnthropicMessageParam, notes: Notes): object[] {
  if (typeof message.content === 'string' || message.role === 'system') return [message];
  const content =
    message.role === 'user'
      ? keep(message.content, isUserBlock, notes).map((block) => toNativeUserBlock(block, notes))
      : keep(message.content, isAssistantBlock, notes).flatMap((block) => toNativeAssistantBlock(block, notes));
  return content.length > 0 ? [{ role: message.role, content }] : [];
}

function toNativeUserBlock(block: AnthropicUserBlock, notes: Notes): object {
  if (block.type !== 'tool_result') return block;
  const result = { ...block, tool_use_id: toNativeId(block.tool_use_id) };
  return Array.isArray(block.content) ? { ...result, content: keep(block.content, isResultBlock, notes) } : result;
}

function toNativeAssistantBlock(block: AnthropicAssistantBlock, notes: Notes): object[] {
  switch (block.type) {
    case 'tool_use':
      return [{ ...block, id: toNativeId(block.id) }];
    case 'thinking':
      if (isOwnSignature(block.signature)) return [block];
      notes.unsent.add('thinking of another provider does not reach Anthropic: its API refuses it');
      return [];
    case 'text':
      if (!block.citations?.some(({ type }) => type === SEARCH_CITATION)) return [block];
      return [{ ...block, citations: block.citations.filter(({ type }) => type !== SEARCH_CITATION) }];
    case 'redacted_thinking':
      return [block];
  }
}

/** The id that Anthropic gave; in the place of one that it refuses, another vendor's, a call and its result get another. */
function toNativeId(text: string): string {
  const { id } = readSignedId(text);
  return TOOL_CALL_ID.test(id) ? id : hashed(id);
}

function keep<Item extends { type?: string | null | undefined }, Kept extends Item>(
  items: readonly Item[],
  isKept: (item: Item) => item is Kept,
  notes: Notes,
): Kept[] {
  return items.filter((item): item is Kept => {
    if (isKept(item)) return true;
    notes.warnings.add(`${item.type} was ignored: it is not offered here`);
    return false;
  });
}

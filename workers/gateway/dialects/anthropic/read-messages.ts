import type {
  AnthropicAssistantBlock,
  AnthropicMessageParam,
  AnthropicToolResultBlock,
  AnthropicUserBlock,
} from '../../../../shared/contracts/http/anthropic/content-blocks.ts';
import type { NotOffered } from '../../../../shared/contracts/http/anthropic/offered.ts';
import type { ChatInput } from '../../../../shared/contracts/http/chat-input.ts';
import type { FieldError } from '../../../../shared/errors/domain-error.ts';
import { err, ok, type Result } from '../../../../shared/errors/result.ts';
import { REDACTED_PREFIX } from '../../../../shared/providers/anthropic/constants.ts';
import type { Notes } from '../notes.ts';
import { readSignedId } from '../signed-ids.ts';
import { isAssistantBlock, isResultBlock, isUserBlock } from './offered-items.ts';
import { readParts } from './read-parts.ts';
import { unmarkSignature } from './signature-mark.ts';
import { unsayCache } from './unsay-cache.ts';

type Message = ChatInput['messages'][number];
type SystemPrompt = Extract<AnthropicMessageParam, { role: 'system' }>['content'];
type Of<Role extends Message['role']> = Extract<Message, { role: Role }>;

/**
 * The messages of a conversation in the platform's form. A tool's result is a message of its own there, and carries the
 * tool's name: that of the call with its id, so a result without a call is refused. What is left of a turn whose blocks
 * are not offered may be nothing.
 */
export function readMessages(
  turns: readonly AnthropicMessageParam[],
  notes: Notes,
): Result<Message[], readonly FieldError[]> {
  const toolNames = new Map<string, string>();
  const errors: FieldError[] = [];
  const messages: Message[] = [];
  for (const [index, turn] of turns.entries()) {
    if (turn.role === 'system') messages.push(...readSystem(turn.content, notes));
    else if (typeof turn.content === 'string') messages.push(...readString(turn.role, turn.content));
    else if (turn.role === 'assistant') messages.push(...readAssistant(turn.content, toolNames, notes));
    else {
      const read = readUser(turn.content, toolNames, notes);
      messages.push(...read.messages);
      for (const { place, detail } of read.faults) errors.push({ pointer: `/messages/${index}${place}`, detail });
    }
  }
  return errors.length > 0 ? err(errors) : ok(messages);
}

/** The texts of a system prompt, one message each, so that a provider that tells them apart can. */
export function readSystem(system: SystemPrompt, notes: Notes): Of<'system'>[] {
  if (typeof system === 'string') return system === '' ? [] : [{ role: 'system', content: system }];
  return system.flatMap((block): Of<'system'>[] => {
    unsayCache(notes, block);
    return block.text === '' ? [] : [{ role: 'system', content: block.text }];
  });
}

function readString(role: 'user' | 'assistant', content: string): Message[] {
  return content === '' ? [] : [{ role, content }];
}

/** Text and thoughts keep their order; calls follow them, as the platform's form has it. */
function readAssistant(
  blocks: readonly (AnthropicAssistantBlock | NotOffered)[],
  toolNames: Map<string, string>,
  notes: Notes,
): Message[] {
  const content: Exclude<Of<'assistant'>['content'], string> = [];
  const toolCalls: NonNullable<Of<'assistant'>['toolCalls']> = [];
  for (const block of blocks.filter(isAssistantBlock)) {
    if (block.type !== 'tool_use' && toolCalls.length > 0) {
      notes.unsaid.add('content after a tool_use was moved ahead of it: the provider has calls at the end only');
    }
    switch (block.type) {
      case 'text':
        unsayCache(notes, block);
        notes.unsay('citations of a text', block.citations?.length ? block.citations : null);
        if (block.text !== '') content.push({ type: 'text', text: block.text });
        break;
      case 'thinking': {
        const signature = unmarkSignature(block.signature ?? '');
        content.push({ type: 'reasoning', text: block.thinking, ...(signature && { signature }) });
        break;
      }
      case 'redacted_thinking':
        content.push({ type: 'reasoning', text: '', signature: `${REDACTED_PREFIX}${block.data}` });
        break;
      case 'tool_use': {
        unsayCache(notes, block);
        notes.unsay('toolset_name', block.toolset_name);
        notes.unsay('caller of a tool_use', block.caller?.type === 'direct' ? null : block.caller);
        const { id, signature } = readSignedId(block.id);
        toolNames.set(id, block.name);
        const call = { id, name: block.name, arguments: JSON.stringify(block.input ?? {}) };
        toolCalls.push({ ...call, ...(signature !== undefined && { signature }) });
      }
    }
  }
  if (toolCalls.length > 0) return [{ role: 'assistant', content: content.length > 0 ? content : '', toolCalls }];
  return content.length > 0 ? [{ role: 'assistant', content }] : [];
}

interface UserTurn {
  readonly messages: readonly Message[];
  /** What is wrong, by its place within the turn. */
  readonly faults: readonly { readonly place: string; readonly detail: string }[];
}

function readUser(
  blocks: readonly (AnthropicUserBlock | NotOffered)[],
  toolNames: ReadonlyMap<string, string>,
  notes: Notes,
): UserTurn {
  const messages: Message[] = [];
  const faults: { place: string; detail: string }[] = [];
  let content: Exclude<Of<'user'>['content'], string> = [];
  const flush = () => {
    if (content.length > 0) messages.push({ role: 'user', content });
    content = [];
  };
  for (const [index, block] of blocks.entries()) {
    if (!isUserBlock(block)) continue;
    if (block.type !== 'tool_result') {
      content.push(...readParts(block, notes));
      continue;
    }
    const toolCallId = readSignedId(block.tool_use_id).id;
    const toolName = toolNames.get(toolCallId);
    if (toolName === undefined) {
      faults.push({ place: `/content/${index}/tool_use_id`, detail: 'no earlier tool_use has this id' });
      continue;
    }
    flush();
    messages.push({
      role: 'tool',
      toolCallId,
      toolName,
      content: readResult(block, notes),
      ...(block.is_error && { isError: true }),
    });
  }
  flush();
  if (blocks.every(isEmptyText)) faults.push({ place: '/content', detail: 'must not be empty' });
  return { messages, faults };
}

function isEmptyText(block: AnthropicUserBlock | NotOffered): boolean {
  return block.type === 'text' && block.text === '';
}

function readResult(block: AnthropicToolResultBlock, notes: Notes): Of<'tool'>['content'] {
  unsayCache(notes, block);
  const { content = '' } = block;
  if (typeof content === 'string') return content;
  const parts = content.filter(isResultBlock).flatMap((inner) => readParts(inner, notes));
  return parts.length > 0 ? parts : '';
}

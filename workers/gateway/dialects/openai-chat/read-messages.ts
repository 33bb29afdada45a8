import type { ChatInput } from '../../../../shared/contracts/http/chat-input.ts';
import type { OpenAiChatRequest } from '../../../../shared/contracts/http/openai/chat-completions.ts';
import type { OpenAiChatMessage } from '../../../../shared/contracts/http/openai/chat-messages.ts';
import { hashed } from '../../../../shared/providers/convert/adapt-ids.ts';
import { ignored } from '../../../../shared/providers/convert/warn-unsupported.ts';
import { TOOL_CALL_ID } from '../../../../shared/providers/openai/constants.ts';
import type { Notes } from '../notes.ts';
import { readSignedId } from '../signed-ids.ts';
import { type OpenAiUserPart, readMedia, type UserPart } from './read-media.ts';

type Message = ChatInput['messages'][number];
type Assistant = Extract<OpenAiChatMessage, { role: 'assistant' }>;
type ToolResult = Extract<OpenAiChatMessage, { role: 'tool' }>;
type CallItem = NonNullable<Assistant['tool_calls']>[number];
type FunctionCall = Extract<CallItem, { type: 'function' }>;
type Detail = NonNullable<Assistant['reasoning_details']>[number];
type Reasoning = { type: 'reasoning'; text: string; signature?: string };
type ReasoningDetail = Extract<Detail, { type: 'reasoning.text' }>;

/** A conversation in the platform's form, and as OpenAI itself gets it. */
export interface ReadMessages {
  readonly messages: Message[];
  readonly native: readonly object[];
}

/** Reads a conversation. What refuses it is in the faults of `notes`. */
export function readMessages(conversation: OpenAiChatRequest['messages'], notes: Notes): ReadMessages {
  const reader = new MessageReader(notes);
  conversation.forEach((message, index) => {
    reader.read(message, `/messages/${index}`);
  });
  return reader;
}

class MessageReader implements ReadMessages {
  readonly messages: Message[] = [];
  readonly native: object[] = [];
  readonly #notes: Notes;
  /** Names of the functions called so far by the id of the call; null where the call is left out. */
  readonly #calls = new Map<string, string | null>();

  constructor(notes: Notes) {
    this.#notes = notes;
  }

  read(message: OpenAiChatMessage, pointer: string): void {
    if ('name' in message && message.name !== undefined) this.#notes.unsaid.add(ignored('name of a message'));
    switch (message.role) {
      case 'developer':
      case 'system':
        this.native.push(message);
        for (const { text } of this.#readTexts(message.content)) this.messages.push({ role: 'system', content: text });
        return;
      case 'user':
        this.native.push(message);
        this.messages.push({ role: 'user', content: this.#readUserContent(message.content, pointer) });
        return;
      case 'assistant':
        this.#readAssistant(message);
        return;
      case 'tool':
        this.#readToolResult(message, pointer);
        return;
    }
  }

  #readTexts(content: string | readonly OpenAiUserPart[]): { type: 'text'; text: string }[] {
    const parts = typeof content === 'string' ? [{ type: 'text' as const, text: content }] : content;
    return parts.flatMap((part) => (part.type === 'text' && part.text ? [this.#readText(part)] : []));
  }

  #readText(part: Extract<OpenAiUserPart, { type: 'text' }>): { type: 'text'; text: string } {
    if (part.prompt_cache_breakpoint) this.#notes.unsaid.add(ignored('prompt_cache_breakpoint'));
    return { type: 'text', text: part.text };
  }

  #readUserContent(content: string | readonly OpenAiUserPart[], pointer: string): string | UserPart[] {
    if (typeof content === 'string') return content;
    const parts = content.flatMap((part, index): UserPart[] => {
      if (part.type === 'text') return part.text ? [this.#readText(part)] : [];
      if (part.prompt_cache_breakpoint) this.#notes.unsaid.add(ignored('prompt_cache_breakpoint'));
      const media = readMedia(part, `${pointer}/content/${index}`, this.#notes);
      return media ? [media] : [];
    });
    return parts.length > 0 ? parts : '';
  }

  /** A message that was nothing but calls that are left out is left out with them. */
  #readAssistant({ annotations, reasoning_content, reasoning_details, tool_calls, ...said }: Assistant): void {
    const calls = (tool_calls ?? []).flatMap((call) => this.#readCall(call) ?? []);
    if (calls.length === 0 && tool_calls?.length && !said.content?.length && !said.refusal) return;
    if (reasoning_content || reasoning_details?.some(isReasoningText)) {
      this.#notes.unsent.add('reasoning of an earlier turn does not reach the provider: its API has no field for it');
    }
    const native = calls.map(({ call, id }) => ({ ...call, id: toNativeId(id) }));
    this.native.push({ ...said, ...(native.length > 0 && { tool_calls: native }) });
    const toolCalls = calls.map(({ call, ...signed }) => ({ ...signed, ...call.function }));
    this.messages.push({
      role: 'assistant',
      content: this.#readAssistantContent(said, this.#readReasoning(reasoning_details, reasoning_content)),
      ...(toolCalls.length > 0 && { toolCalls }),
    });
  }

  #readCall(call: CallItem): { call: FunctionCall; id: string; signature?: string } | null {
    if (isFunctionCall(call)) {
      const signed = readSignedId(call.id);
      this.#calls.set(signed.id, call.function.name);
      return { call, ...signed };
    }
    if (typeof call.id === 'string') this.#calls.set(call.id, null);
    this.#notes.warnings.add(`tool calls of type ${call.type} were ignored: they are not offered`);
    return null;
  }

  /** Details are whole and can have a proof. The text alone is a second telling of the same, or all that there is. */
  #readReasoning(details: Assistant['reasoning_details'], text: Assistant['reasoning_content']): Reasoning[] {
    const parts = (details ?? []).flatMap((detail) => {
      if (isReasoningText(detail)) {
        const { text: thought, signature } = detail;
        return [{ type: 'reasoning' as const, text: thought ?? '', ...(signature && { signature }) }];
      }
      this.#notes.warnings.add(`reasoning_details of type ${detail.type} were ignored: they are not offered`);
      return [];
    });
    return parts.length > 0 || !text ? parts : [{ type: 'reasoning' as const, text }];
  }

  #readAssistantContent(
    { content, refusal }: Pick<Assistant, 'content' | 'refusal'>,
    reasoning: readonly Reasoning[],
  ): Extract<Message, { role: 'assistant' }>['content'] {
    const said = typeof content === 'string' ? [{ type: 'text' as const, text: content }] : (content ?? []);
    const texts = [
      ...said.map((part) => (part.type === 'text' ? this.#readText(part) : toText(part.refusal))),
      ...(refusal ? [toText(refusal)] : []),
    ].filter(({ text }) => text !== '');
    const [first, ...others] = texts;
    if (reasoning.length === 0 && others.length === 0) return first?.text ?? '';
    return [...reasoning, ...texts];
  }

  #readToolResult(message: ToolResult, pointer: string): void {
    const { id } = readSignedId(message.tool_call_id);
    const name = this.#calls.get(id);
    if (name === null) return;
    if (name === undefined) {
      const detail = 'is the id of no tool call of an earlier message';
      this.#notes.faults.push({ pointer: `${pointer}/tool_call_id`, detail });
      return;
    }
    this.native.push({ ...message, tool_call_id: toNativeId(id) });
    const texts = typeof message.content === 'string' ? message.content : this.#readTexts(message.content);
    this.messages.push({ role: 'tool', toolCallId: id, toolName: name, content: texts.length > 0 ? texts : '' });
  }
}

/** OpenAI refuses an id that is longer than its own can be, such as vLLM's: then the call and its result get another. */
function toNativeId(id: string): string {
  return TOOL_CALL_ID.test(id) ? id : hashed(id);
}

function toText(text: string): { type: 'text'; text: string } {
  return { type: 'text', text };
}

/** Guarantee: the schema takes no other item of this type. */
function isFunctionCall(call: CallItem): call is FunctionCall {
  return call.type === 'function';
}

/** Guarantee: the schema takes no other item of this type. */
function isReasoningText(detail: Detail): detail is ReasoningDetail {
  return detail.type === 'reasoning.text';
}

import type { ChatInput } from '../../../../shared/contracts/http/chat-input.ts';
import type { OpenAiResponsesItem } from '../../../../shared/contracts/http/openai/response-items.ts';
import type { OpenAiResponsesRequest } from '../../../../shared/contracts/http/openai/responses.ts';
import type { DomainError } from '../../../../shared/errors/domain-error.ts';
import { err, ok, type Result } from '../../../../shared/errors/result.ts';
import type { ReasoningPart, TextPart, ToolCall } from '../../../../shared/providers/contract.ts';
import { ignored } from '../../../../shared/providers/convert/warn-unsupported.ts';
import { readSignedId } from '../signed-ids.ts';
import { readContent, readTexts } from './read-content.ts';
import { invalid, needsStore } from './refusals.ts';

type Messages = ChatInput['messages'];
type Item<Type extends string> = Extract<OpenAiResponsesItem, { type: Type }>;
type Message = Extract<OpenAiResponsesItem, { role: unknown }>;

/** The Vercel AI SDK refers to what it was answered unless it is told so. */
const INSTEAD_OF_REFERENCE = 'send the item itself, as clients do whose option is store: false';

/** What the assistant said, thought and called until another speaks. */
interface Turn {
  readonly content: (TextPart | ReasoningPart)[];
  readonly toolCalls: ToolCall[];
  /** Whether the last item was a message of its own. */
  endsWithMessage: boolean;
}

/**
 * The conversation that `instructions` and `input` are. Items of the assistant that follow each other are one message of
 * ours, as they were when they were answered; only of two messages in a row each stays its own. Items of other kinds are
 * left out and told in `warnings`. Refuses an output of an unknown call, a reference to a stored item, and an empty input.
 */
export function readInput(
  { instructions, input }: Pick<OpenAiResponsesRequest, 'instructions' | 'input'>,
  warnings: Set<string>,
): Result<Messages, DomainError> {
  if (input === undefined) return err(invalid('/input', 'is required'));
  const items: readonly OpenAiResponsesItem[] = typeof input === 'string' ? [{ role: 'user', content: input }] : input;
  const reader = new InputReader(warnings);
  if (instructions) reader.messages.push({ role: 'system', content: instructions });
  const before = reader.messages.length;
  for (const [index, item] of items.entries()) {
    const error = reader.accept(item, `/input/${index}`);
    if (error) return err(error);
  }
  reader.endTurn();
  return reader.messages.length > before ? ok(reader.messages) : err(invalid('/input', 'says nothing'));
}

class InputReader {
  readonly messages: Messages = [];
  readonly #warnings: Set<string>;
  readonly #toolNames = new Map<string, string>();
  #turn: Turn = { content: [], toolCalls: [], endsWithMessage: false };

  constructor(warnings: Set<string>) {
    this.#warnings = warnings;
  }

  accept(item: OpenAiResponsesItem, pointer: string): DomainError | undefined {
    switch (item.type) {
      case 'reasoning':
        return this.#acceptReasoning(item);
      case 'function_call':
        return this.#acceptCall(item);
      case 'function_call_output':
        return this.#acceptOutput(item, pointer);
      case 'other':
        if (item.originalType === 'item_reference') return needsStore(pointer, INSTEAD_OF_REFERENCE);
        this.#warnings.add(ignored(`an item of type ${item.originalType}`));
        return undefined;
      default:
        return this.#acceptMessage(item, pointer);
    }
  }

  endTurn(): void {
    const { content, toolCalls } = this.#turn;
    this.#turn = { content: [], toolCalls: [], endsWithMessage: false };
    if (content.length === 0 && toolCalls.length === 0) return;
    const [only] = content;
    const isText = content.length === 1 && only?.type === 'text';
    this.messages.push({
      role: 'assistant',
      content: content.length === 0 ? '' : isText ? only.text : content,
      ...(toolCalls.length > 0 && { toolCalls }),
    });
  }

  #acceptMessage({ role, content, phase }: Message, pointer: string): DomainError | undefined {
    if (phase != null) this.#warnings.add(ignored('phase of a message'));
    const parts = typeof content === 'string' ? [{ type: 'input_text' as const, text: content }] : content;
    if (role === 'assistant') {
      if (this.#turn.endsWithMessage && this.#turn.toolCalls.length === 0) this.endTurn();
      for (const text of readTexts(parts, role, this.#warnings)) this.#say({ type: 'text', text });
      this.#turn.endsWithMessage = true;
      return undefined;
    }
    this.endTurn();
    if (role === 'system' || role === 'developer') {
      const text = readTexts(parts, role, this.#warnings).join('\n');
      if (text !== '') this.messages.push({ role: 'system', content: text });
      return undefined;
    }
    const read = readContent(parts, `${pointer}/content`, this.#warnings);
    if (!read.ok) return read.error;
    const [only] = read.value;
    const isText = read.value.length === 1 && only?.type === 'text';
    if (only) this.messages.push({ role, content: isText ? only.text : read.value });
    return undefined;
  }

  /** Calls come last in a message of ours. */
  #say(part: TextPart | ReasoningPart): void {
    const { content, toolCalls } = this.#turn;
    if (toolCalls.length > 0) {
      this.#warnings.add(
        'what came after a function_call was moved ahead of it: the provider has calls at the end only',
      );
    }
    content.push(part);
  }

  #acceptReasoning({ summary, content, encrypted_content: signature }: Item<'reasoning'>): undefined {
    const text = (content?.length ? content : summary).map((part) => part.text).join('\n\n');
    if (text !== '' || signature) this.#say({ type: 'reasoning', text, ...(signature && { signature }) });
    this.#turn.endsWithMessage = false;
  }

  #acceptCall({ call_id: callId, name, arguments: text }: Item<'function_call'>): undefined {
    const { id, signature } = readSignedId(callId);
    this.#turn.toolCalls.push({ id, name, arguments: text, ...(signature !== undefined && { signature }) });
    this.#turn.endsWithMessage = false;
    this.#toolNames.set(id, name);
  }

  #acceptOutput({ call_id: callId, output }: Item<'function_call_output'>, pointer: string): DomainError | undefined {
    const { id: toolCallId } = readSignedId(callId);
    const toolName = this.#toolNames.get(toolCallId);
    if (toolName === undefined) return invalid(`${pointer}/call_id`, 'no function_call before it has this call_id');
    this.endTurn();
    if (typeof output === 'string') {
      this.messages.push({ role: 'tool', toolCallId, toolName, content: output });
      return undefined;
    }
    const read = readContent(output, `${pointer}/output`, this.#warnings);
    if (!read.ok) return read.error;
    const content = read.value.length === 0 ? '' : read.value;
    this.messages.push({ role: 'tool', toolCallId, toolName, content });
    return undefined;
  }
}

import { MESSAGE_OVERHEAD_TOKENS, REQUEST_OVERHEAD_TOKENS, TOOLS_OVERHEAD_TOKENS } from './constants.ts';
import type { ChatMessage, ChatRequest, ProviderName } from './contract.ts';

const ENCODER = new TextEncoder();
const SCRATCH = new Uint8Array(64 * 1024);

/** Bytes of `text` in UTF-8, counted through one reused buffer: a megabyte of ASCII takes well under 0.1 ms. */
export function utf8Length(text: string): number {
  let bytes = 0;
  for (let position = 0; position < text.length; ) {
    const { read, written } = ENCODER.encodeInto(position === 0 ? text : text.slice(position), SCRATCH);
    position += read;
    bytes += written;
  }
  return bytes;
}

/** The larger of the UTF-8 lengths of `text` and of its NFKC form, in which U+FDFA is eleven times as long. */
export function utf8LengthUnderNfkc(text: string): number {
  const bytes = utf8Length(text);
  const isAscii = bytes === text.length;
  return isAscii ? bytes : Math.max(bytes, utf8Length(text.normalize('NFKC')));
}

/** What the bound of a request needs to know of its vendor. */
export interface TokenRates {
  readonly provider: ProviderName;
  /** The most tokens that one image, and one file, can count as. Not told by their size: a small file can hold much. */
  readonly imageTokens: number;
  readonly fileTokens: number;
  /** Bytes of what the vendor's tokenizer reads for a text. UTF-8 where absent. */
  readonly lengthOf?: (text: string) => number;
}

/**
 * The most tokens that a chat request can use, without a tokenizer.
 *
 * Input: every token of a byte-level BPE (OpenAI, Anthropic, Mistral, the Llama family behind Perplexity) and of
 * SentencePiece with byte fallback (Gemini) stands for at least one byte of the text it was made from, so a text has no
 * more tokens than bytes. Tools, schemas and provider options count as their JSON. Images and files count as the most
 * that the vendor makes of one. A signature holds the whole thought that its text may only sum up. The tokens of the chat
 * format itself are covered by a constant per message and request.
 *
 * Output: the limit that is sent with every request. Does not cover what a vendor adds on its own account and bills
 * apart, such as the searches and citations of `sonar-deep-research`.
 */
export function boundTokens(request: ChatRequest, rates: TokenRates): { inputTokens: number; outputTokens: number } {
  const { messages, tools, responseFormat, providerOptions, maxOutputTokens } = request;
  const lengthOf = rates.lengthOf ?? utf8Length;
  const lengthOfJson = (value: unknown) => (value === undefined ? 0 : lengthOf(JSON.stringify(value)));
  let inputTokens = REQUEST_OVERHEAD_TOKENS;
  for (const message of messages) inputTokens += MESSAGE_OVERHEAD_TOKENS + boundMessage(message, rates, lengthOf);
  if (tools?.length) inputTokens += TOOLS_OVERHEAD_TOKENS + lengthOfJson(tools);
  if (responseFormat?.type === 'json') inputTokens += TOOLS_OVERHEAD_TOKENS + lengthOfJson(responseFormat);
  inputTokens += lengthOfJson(providerOptions?.[rates.provider]);
  return { inputTokens, outputTokens: maxOutputTokens };
}

function boundMessage(message: ChatMessage, rates: TokenRates, lengthOf: (text: string) => number): number {
  const { content } = message;
  let tokens = 0;
  if (typeof content === 'string') tokens = lengthOf(content);
  else for (const part of content) tokens += boundPart(part, rates, lengthOf);
  if (message.role === 'tool') tokens += lengthOf(message.toolCallId) + lengthOf(message.toolName);
  if (message.role !== 'assistant') return tokens;
  for (const { id, name, arguments: text, signature } of message.toolCalls ?? []) {
    tokens += MESSAGE_OVERHEAD_TOKENS + lengthOf(id) + lengthOf(name) + lengthOf(text) + (signature?.length ?? 0);
  }
  return tokens;
}

type Part = Exclude<ChatMessage['content'], string>[number];

function boundPart(part: Part, { imageTokens, fileTokens }: TokenRates, lengthOf: (text: string) => number): number {
  if (part.type === 'image') return imageTokens;
  if (part.type === 'file') return fileTokens + lengthOf(part.filename ?? '');
  return part.type === 'reasoning' ? lengthOf(part.text) + (part.signature?.length ?? 0) : lengthOf(part.text);
}

import { MESSAGE_OVERHEAD_TOKENS, REQUEST_OVERHEAD_TOKENS } from './constants.ts';
import type { ChatRequest } from './contract.ts';

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

/**
 * The most tokens that a chat request can use, without a tokenizer.
 *
 * Input: every token of a byte-level BPE (OpenAI, Anthropic, the Llama family behind Perplexity) and of SentencePiece
 * with byte fallback (Gemini) stands for at least one byte of the text it was made from, so a text has no more tokens
 * than bytes. `lengthOf` counts the bytes of that text: a vendor whose tokenizer normalizes first passes a function
 * that allows for it. The tokens of the chat format itself are covered by a constant per message and per request.
 *
 * Output: the limit that is sent with every request. Does not cover what a vendor adds on its own account and bills
 * apart, such as the searches and citations of `sonar-deep-research`.
 */
export function boundTokens(
  request: ChatRequest,
  lengthOf: (text: string) => number = utf8Length,
): { inputTokens: number; outputTokens: number } {
  let inputTokens = REQUEST_OVERHEAD_TOKENS;
  for (const message of request.messages) inputTokens += MESSAGE_OVERHEAD_TOKENS + lengthOf(message.content);
  return { inputTokens, outputTokens: request.maxOutputTokens };
}

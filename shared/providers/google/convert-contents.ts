import type { Content, FunctionResponse, FunctionResponsePart, Part } from '@google/genai';
import type { FilePart, ImagePart, ReasoningPart, ToolCall } from '../contract.ts';
import { omitUndefined } from '../convert/omit-undefined.ts';
import { parseArguments } from '../convert/parse-arguments.ts';
import { splitContent } from '../convert/split-content.ts';
import type { Turn } from '../convert/split-system.ts';
import { ignored } from '../convert/warn-unsupported.ts';
import { NO_SIGNATURE } from './constants.ts';
import { isBeforeGemini3 } from './is-before-gemini-3.ts';

/** What a URL without a media type is taken for: the API wants one. */
const ASSUMED_TYPES = { image: 'image/jpeg', file: 'application/pdf' } as const;

/** What a conversion needs beside the message. */
interface Context {
  readonly model: string;
  readonly warnings: Set<string>;
}

/** The `contents` of a chat request. Results of parallel calls share one content, as the API wants them. */
export function convertContents(turns: readonly Turn[], model: string, warnings: Set<string>): Content[] {
  const context = { model, warnings };
  const contents: Content[] = [];
  let results: Part[] = [];
  turns.forEach((turn, index) => {
    if (turn.role !== 'tool') {
      const parts = convertTurn(turn, context);
      // The API refuses an answer with nothing in it.
      if (parts.length > 0) contents.push({ role: turn.role === 'assistant' ? 'model' : 'user', parts });
      return;
    }
    if (turns[index - 1]?.role !== 'tool') {
      results = [];
      contents.push({ role: 'user', parts: results });
    }
    results.push({ functionResponse: convertResult(turn, context) });
  });
  return contents;
}

/** https://ai.google.dev/gemini-api/docs/function-calling#multimodal */
function convertResult(result: Extract<Turn, { readonly role: 'tool' }>, context: Context): FunctionResponse {
  const { text, media } = splitContent(result.content);
  const parts = media.flatMap((part) => convertResultMedia(part, context));
  return {
    id: result.toolCallId,
    name: result.toolName,
    response: { [result.isError ? 'error' : 'output']: text },
    ...(parts.length > 0 && { parts }),
  };
}

function convertResultMedia(part: ImagePart | FilePart, { model, warnings }: Context): FunctionResponsePart[] {
  const { type, source } = part;
  const what = type === 'image' ? 'an image' : 'a file';
  if (isBeforeGemini3(model)) warnings.add(ignored(`${what} in a tool result`));
  else if (source.kind === 'url') warnings.add(ignored(`${what} by its URL in a tool result`));
  else {
    warnUnsaid(part, ' in a tool result', warnings);
    return [{ inlineData: { mimeType: source.mediaType, data: source.data } }];
  }
  return [];
}

function convertTurn(turn: Exclude<Turn, { readonly role: 'tool' }>, context: Context): Part[] {
  const { content } = turn;
  const calls =
    (turn.role === 'assistant' && turn.toolCalls?.map((call, index) => convertCall(call, index, context))) || [];
  if (content === '' && turn.role === 'assistant') return calls;
  if (typeof content === 'string') return [{ text: content }, ...calls];
  const parts = content.map((part): Part => {
    if (part.type === 'text') return { text: part.text };
    return part.type === 'reasoning' ? convertReasoning(part) : convertMedia(part, context.warnings);
  });
  return [...parts, ...calls];
}

/** From Gemini 3 on the first of parallel calls must be signed: one that another model made, or that lost its signature, too. */
function convertCall({ id, name, arguments: text, signature }: ToolCall, index: number, { model }: Context): Part {
  const thoughtSignature = signature ?? (index === 0 && !isBeforeGemini3(model) ? NO_SIGNATURE : undefined);
  return { functionCall: { id, name, args: parseArguments(text) }, ...omitUndefined({ thoughtSignature }) };
}

/** A thought that was not shown goes back as an empty text with its signature. */
function convertReasoning({ text, signature }: ReasoningPart): Part {
  return {
    text,
    ...(text !== '' && { thought: true }),
    ...(signature !== undefined && { thoughtSignature: signature }),
  };
}

function convertMedia(part: ImagePart | FilePart, warnings: Set<string>): Part {
  const { type, source } = part;
  warnUnsaid(part, '', warnings);
  if (source.kind === 'base64') return { inlineData: { mimeType: source.mediaType, data: source.data } };
  return { fileData: { mimeType: source.mediaType ?? ASSUMED_TYPES[type], fileUri: source.url } };
}

/** The API has no place for the detail of an image, nor for the name of a file. */
function warnUnsaid(part: ImagePart | FilePart, where: string, warnings: Set<string>): void {
  if (part.type === 'file' && part.filename !== undefined) warnings.add(ignored('name of a file'));
  if (part.type === 'image' && part.detail && part.detail !== 'auto')
    warnings.add(ignored(`detail of an image${where}`));
}

import type {
  Base64ImageSource,
  ContentBlockParam,
  DocumentBlockParam,
  ImageBlockParam,
  MessageParam,
  TextBlockParam,
} from '@anthropic-ai/sdk/resources/messages';
import type { FilePart, ImagePart, MediaSource, ReasoningPart, TextPart } from '../contract.ts';
import { convertReadable } from '../convert/convert-readable.ts';
import { parseArguments } from '../convert/parse-arguments.ts';
import type { Turn } from '../convert/split-system.ts';
import { ignored } from '../convert/warn-unsupported.ts';
import { REDACTED_PREFIX } from './constants.ts';
import { decodeText } from './decode-text.ts';

type MediaBlock = ImageBlockParam | DocumentBlockParam;
type ShownBlock = TextBlockParam | MediaBlock;
type TurnOf<Role extends Turn['role']> = Extract<Turn, { readonly role: Role }>;

const IMAGE_TYPES: readonly Base64ImageSource['media_type'][] = ['image/jpeg', 'image/png', 'image/gif', 'image/webp'];

/**
 * The `messages` of a chat request. Results of parallel calls share one message, as the API wants them, and what the API
 * has no block for is left out and named in `warnings`.
 */
export function convertMessages(turns: readonly Turn[], warnings: Set<string>): MessageParam[] {
  const messages: MessageParam[] = [];
  let results: ContentBlockParam[] = [];
  turns.forEach((turn, index) => {
    if (turn.role === 'user') {
      messages.push({ role: turn.role, content: convertQuestion(turn.content, warnings) });
      return;
    }
    if (turn.role === 'assistant') {
      const content = convertAnswer(turn, warnings);
      // The API refuses an answer with nothing in it.
      if (content.length > 0) messages.push({ role: turn.role, content });
      return;
    }
    if (turns[index - 1]?.role !== 'tool') {
      results = [];
      messages.push({ role: 'user', content: results });
    }
    const { toolCallId, isError } = turn;
    const content = convertResult(turn.content, warnings);
    results.push({ type: 'tool_result', tool_use_id: toolCallId, content, ...(isError && { is_error: true }) });
  });
  return messages;
}

/** https://platform.claude.com/docs/en/agents-and-tools/tool-use/handle-tool-calls#handling-results-from-client-tools */
function convertResult(content: TurnOf<'tool'>['content'], warnings: Set<string>): string | ShownBlock[] {
  if (typeof content === 'string') return content;
  return content.flatMap((part) => convertPart(part, warnings));
}

function convertPart(part: TextPart | ImagePart | FilePart, warnings: Set<string>): ShownBlock[] {
  return part.type === 'text' ? convertText(part.text) : convertMedia(part, warnings);
}

function convertQuestion(content: TurnOf<'user'>['content'], warnings: Set<string>): string | ShownBlock[] {
  return typeof content === 'string' ? content : convertReadable(content, warnings, convertPart);
}

function convertAnswer(
  { content, toolCalls = [] }: TurnOf<'assistant'>,
  warnings: Set<string>,
): string | ContentBlockParam[] {
  if (typeof content === 'string' && toolCalls.length === 0) return content;
  const parts = typeof content === 'string' ? [{ type: 'text' as const, text: content }] : content;
  const blocks = parts.flatMap((part): ContentBlockParam[] => {
    if (part.type === 'text') return convertText(part.text);
    const block = convertReasoning(part);
    if (block) return [block];
    warnings.add(ignored('reasoning without a signature'));
    return [];
  });
  for (const { id, name, arguments: text } of toolCalls) {
    blocks.push({ type: 'tool_use', id, name, input: parseArguments(text) });
  }
  return blocks;
}

function convertReasoning({ text, signature }: ReasoningPart): ContentBlockParam | undefined {
  if (signature === undefined) return undefined;
  if (!signature.startsWith(REDACTED_PREFIX)) return { type: 'thinking', thinking: text, signature };
  return { type: 'redacted_thinking', data: signature.slice(REDACTED_PREFIX.length) };
}

/** The API refuses a text that is empty. */
function convertText(text: string): TextBlockParam[] {
  return text === '' ? [] : [{ type: 'text', text }];
}

function convertMedia(part: ImagePart | FilePart, warnings: Set<string>): MediaBlock[] {
  if (part.type === 'image' && part.detail && part.detail !== 'auto') warnings.add(ignored('detail of an image'));
  const block = part.type === 'file' ? convertFile(part) : convertImage(part.source);
  if (block) return [block];
  warnings.add(ignored(describe(part)));
  return [];
}

function convertImage(source: MediaSource): ImageBlockParam | undefined {
  if (source.kind === 'url') return { type: 'image', source: { type: 'url', url: source.url } };
  const mediaType = IMAGE_TYPES.find((type) => type === source.mediaType);
  return mediaType && { type: 'image', source: { type: 'base64', media_type: mediaType, data: source.data } };
}

/** A PDF or a text. A URL is taken for that of a PDF, since the API fetches nothing else. */
function convertFile({ source, filename }: FilePart): MediaBlock | undefined {
  if (source.kind === 'base64' && source.mediaType.startsWith('image/')) return convertImage(source);
  const document = convertDocument(source);
  return document && { type: 'document', source: document, ...(filename !== undefined && { title: filename }) };
}

function convertDocument(source: MediaSource): DocumentBlockParam['source'] | undefined {
  if (source.kind === 'url') return { type: 'url', url: source.url };
  const { mediaType, data } = source;
  if (mediaType === 'application/pdf') return { type: 'base64', media_type: mediaType, data };
  return mediaType.startsWith('text/') ? { type: 'text', media_type: 'text/plain', data: decodeText(data) } : undefined;
}

function describe({ type, source }: ImagePart | FilePart): string {
  return `${type === 'image' ? 'an image' : 'a file'} of type ${source.mediaType}`;
}

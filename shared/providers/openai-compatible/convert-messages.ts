import type {
  ChatCompletionContentPartImage,
  ChatCompletionContentPartText,
  ChatCompletionMessageFunctionToolCall,
} from 'openai/resources/chat/completions';
import type { ChatMessage, FilePart, ImagePart, MediaSource, ReasoningPart, TextPart, ToolCall } from '../contract.ts';
import { convertReadable } from '../convert/convert-readable.ts';
import { omitUndefined } from '../convert/omit-undefined.ts';
import { splitContent } from '../convert/split-content.ts';
import { ignored } from '../convert/warn-unsupported.ts';
import type { Extension, OpenaiVendor } from './vendor.ts';

/** Where the bytes of a part are, as one string: their URL, or a `data:` URL that has them. */
export function mediaUrl(source: MediaSource): string {
  return source.kind === 'url' ? source.url : `data:${source.mediaType};base64,${source.data}`;
}

/** Whether a file is told to be audio, which no vendor reads as a document. */
export function isAudio({ mediaType }: MediaSource): boolean {
  return mediaType?.startsWith('audio/') ?? false;
}

/** The `messages` of a chat request. What the vendor has no part for is left out, and named in `warnings` once. */
export function convertMessages(
  messages: readonly ChatMessage[],
  vendor: OpenaiVendor,
): { readonly messages: readonly Extension[]; readonly warnings: ReadonlySet<string> } {
  const warnings = new Set<string>();
  return { messages: messages.flatMap((message) => convertMessage(message, vendor, warnings)), warnings };
}

function convertMessage(message: ChatMessage, vendor: OpenaiVendor, warnings: Set<string>): Extension[] {
  const { role, content } = message;
  switch (role) {
    case 'system':
      return [{ role, content }];
    case 'user': {
      if (typeof content === 'string') return [{ role, content }];
      return [{ role, content: convertReadable(content, warnings, (part, lost) => convertPart(part, vendor, lost)) }];
    }
    case 'tool': {
      if (message.isError) warnings.add(ignored('isError of a tool result'));
      const { text, media } = splitContent(content);
      for (const { type } of media) {
        warnings.add(ignored(`${type === 'image' ? 'an image' : 'a file'} in a tool result`));
      }
      return [{ role, content: text, tool_call_id: message.toolCallId }];
    }
    default: {
      const said =
        typeof content === 'string' ? content : content.flatMap((part) => convertPart(part, vendor, warnings));
      if (message.toolCalls?.length) {
        return [{ role, content: joinText(said) || null, tool_calls: message.toolCalls.map(convertToolCall) }];
      }
      // Some servers refuse an answer with nothing in it, and it says nothing to the others.
      return typeof said !== 'string' && said.length === 0 ? [] : [{ role, content: joinText(said) }];
    }
  }
}

function convertPart(
  part: TextPart | ImagePart | FilePart | ReasoningPart,
  vendor: OpenaiVendor,
  warnings: Set<string>,
): Extension[] {
  switch (part.type) {
    case 'text':
      return [{ type: 'text', text: part.text } satisfies ChatCompletionContentPartText];
    case 'image':
      return [{ ...convertImage(part) }];
    case 'file':
      return convertFile(part, vendor, warnings);
    default:
      return convertReasoning(part, vendor, warnings);
  }
}

function convertFile(file: FilePart, vendor: OpenaiVendor, warnings: Set<string>): Extension[] {
  const converted = vendor.convertFile?.(file);
  if (!converted) warnings.add(ignored(`a file ${describe(file.source)}`));
  else if (converted.type === 'input_audio' && file.filename !== undefined) warnings.add(ignored('name of a file'));
  return converted ? [converted] : [];
}

/** A thought without a text is one that its own vendor alone can read. */
function convertReasoning({ text }: ReasoningPart, vendor: OpenaiVendor, warnings: Set<string>): Extension[] {
  if (vendor.convertReasoning && text !== '') return [vendor.convertReasoning(text)];
  warnings.add(ignored(vendor.convertReasoning ? 'reasoning without a text' : 'reasoning of an earlier turn'));
  return [];
}

/** What a model said is one text where it is nothing else: few servers read it in parts. */
function joinText(content: string | readonly Extension[]): string | readonly Extension[] {
  const isText = typeof content !== 'string' && content.every(({ type }) => type === 'text');
  return isText ? content.map(({ text }) => text).join('') : content;
}

function describe({ kind, mediaType }: MediaSource): string {
  return kind === 'url' ? 'by its URL' : `of type ${mediaType}`;
}

function convertImage({ source, detail }: ImagePart): ChatCompletionContentPartImage {
  return { type: 'image_url', image_url: { url: mediaUrl(source), ...omitUndefined({ detail }) } };
}

function convertToolCall({ id, name, arguments: text }: ToolCall): ChatCompletionMessageFunctionToolCall {
  return { id, type: 'function', function: { name, arguments: text } };
}

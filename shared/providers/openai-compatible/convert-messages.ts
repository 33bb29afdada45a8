import type {
  ChatCompletionContentPartImage,
  ChatCompletionContentPartText,
  ChatCompletionMessageFunctionToolCall,
} from 'openai/resources/chat/completions';
import type { ChatMessage, ImagePart, MediaSource, ToolCall } from '../contract.ts';
import { omitUndefined } from '../convert/omit-undefined.ts';
import { ignored } from '../convert/warn-unsupported.ts';
import type { Extension, OpenaiVendor } from './vendor.ts';

/** Where the bytes of a part are, as one string: their URL, or a `data:` URL that has them. */
export function mediaUrl(source: MediaSource): string {
  return source.kind === 'url' ? source.url : `data:${source.mediaType};base64,${source.data}`;
}

/** The `messages` of a chat request. What the vendor has no part for is left out, and named in `warnings` once. */
export function convertMessages(
  messages: readonly ChatMessage[],
  vendor: OpenaiVendor,
): { readonly messages: readonly Extension[]; readonly warnings: ReadonlySet<string> } {
  const warnings = new Set<string>();
  return { messages: messages.map((message) => convertMessage(message, vendor, warnings)), warnings };
}

function convertMessage(message: ChatMessage, vendor: OpenaiVendor, warnings: Set<string>): Extension {
  const { role, content } = message;
  if (role === 'tool') {
    if (message.isError) warnings.add(ignored('isError of a tool result'));
    return { role, content, tool_call_id: message.toolCallId };
  }
  const said = convertContent(content, vendor, warnings);
  if (role !== 'assistant') return { role, content: said };
  if (!message.toolCalls?.length) return { role, content: joinText(said) };
  return { role, content: joinText(said) || null, tool_calls: message.toolCalls.map(convertToolCall) };
}

function convertContent(
  content: ChatMessage['content'],
  vendor: OpenaiVendor,
  warnings: Set<string>,
): string | readonly Extension[] {
  if (typeof content === 'string') return content;
  return content.flatMap((part): Extension[] => {
    if (part.type === 'text') return [{ type: 'text', text: part.text } satisfies ChatCompletionContentPartText];
    if (part.type === 'image') return [{ ...convertImage(part) }];
    const converted = part.type === 'file' ? vendor.convertFile?.(part) : vendor.convertReasoning?.(part.text);
    if (converted) return [converted];
    warnings.add(ignored(part.type === 'file' ? `a file ${describe(part.source)}` : 'reasoning of an earlier turn'));
    return [];
  });
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

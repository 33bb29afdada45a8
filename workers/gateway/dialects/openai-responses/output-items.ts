import type {
  ResponseFunctionToolCall,
  ResponseOutputMessage,
  ResponseOutputText,
  ResponseReasoningItem,
} from 'openai/resources/responses/responses';
import type { ReasoningPart, ToolCall } from '../../../../shared/providers/contract.ts';
import { compactId } from '../compact-id.ts';
import { signedId } from '../signed-ids.ts';

/** The id of an item of an answer by its place, of 48 characters at most. */
export function itemId(kind: 'rs' | 'msg' | 'fc', requestId: string, index: number): string {
  return `${kind}_${compactId(requestId)}_${index}`;
}

/** A thought as an item. Its signature is told whether or not `include` asks for it: the next turn may need it. */
export function reasoningItem(id: string, { text, signature }: Omit<ReasoningPart, 'type'>): ResponseReasoningItem {
  return {
    id,
    type: 'reasoning',
    summary: text === '' ? [] : [{ type: 'summary_text', text }],
    ...(signature !== undefined && { encrypted_content: signature }),
  };
}

/** The one text of a message. */
export function textPart(text: string, annotations: ResponseOutputText.URLCitation[]): ResponseOutputText {
  return { type: 'output_text', text, annotations, logprobs: [] };
}

/** What the assistant said as an item. */
export function messageItem(
  id: string,
  status: ResponseOutputMessage['status'],
  content: ResponseOutputText[],
): ResponseOutputMessage {
  return { id, type: 'message', role: 'assistant', status, content };
}

/** A tool call as an item; its signature rides in `call_id`. */
export function callItem(
  id: string,
  status: NonNullable<ResponseFunctionToolCall['status']>,
  call: ToolCall,
): ResponseFunctionToolCall & { id: string } {
  return { id, type: 'function_call', status, call_id: signedId(call), name: call.name, arguments: call.arguments };
}

/** A source as an annotation. No provider tells which words it stands behind: it cites no stretch of the text. */
export function citation({
  url,
  title,
}: {
  readonly url: string;
  readonly title?: string | undefined;
}): ResponseOutputText.URLCitation {
  return { type: 'url_citation', url, title: title ?? url, start_index: 0, end_index: 0 };
}

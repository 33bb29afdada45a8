import type { GenerateResult, ReasoningPart, Source, ToolCall } from '../contract.ts';
import { omitUndefined } from '../convert/omit-undefined.ts';
import { REDACTED_PREFIX } from './constants.ts';
import type { ContentBlock, SearchResult } from './schemas.ts';

/** The content of a message. Text between thoughts is joined: the contract tells no order among kinds. */
export function convertContent(content: readonly ContentBlock[]): Pick<GenerateResult, 'message' | 'sources'> {
  let text = '';
  const reasoning: ReasoningPart[] = [];
  const toolCalls: ToolCall[] = [];
  const sources: Source[] = [];
  for (const block of content) {
    switch (block.type) {
      case 'text':
        text += block.text;
        break;
      case 'thinking':
        reasoning.push({
          type: 'reasoning',
          text: block.thinking,
          ...(block.signature && { signature: block.signature }),
        });
        break;
      case 'redacted_thinking':
        reasoning.push({ type: 'reasoning', text: '', signature: `${REDACTED_PREFIX}${block.data}` });
        break;
      case 'tool_use':
        toolCalls.push({ id: block.id, name: block.name, arguments: JSON.stringify(block.input ?? {}) });
        break;
      case 'web_search_tool_result':
        sources.push(...block.content.map(convertSource));
        break;
      case 'other':
    }
  }
  return {
    message: {
      role: 'assistant',
      content: text,
      ...(reasoning.length > 0 && { reasoning }),
      ...(toolCalls.length > 0 && { toolCalls }),
    },
    ...(sources.length > 0 && { sources }),
  };
}

/** A result of the vendor's own web search. */
export function convertSource({ url, title, page_age: date }: SearchResult): Source {
  return { url, ...omitUndefined({ title: title ?? undefined, date: date ?? undefined }) };
}

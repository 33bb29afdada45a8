import type { ChatRequest, NativeRequest, ProviderAdapterV1, UsageBound } from '../../../shared/providers/contract.ts';

/** What a tool of the vendor's own making can add to a prompt: a computer's, the longest, has some 1,500 tokens. */
const OWN_TOOL_TOKENS = 4_096;

/**
 * The most that a request in a vendor's own format can use. `chat` is the same request in the platform's form, which can
 * lack what only the vendor's has: so the whole body counts as text, except the bytes of images and files, which count
 * as what the vendor can make of them. Each message's JSON is longer than the markers that a vendor puts around it. A tool
 * of the vendor's own has a description that the body does not show.
 */
export function boundNative(native: NativeRequest, chat: ChatRequest, adapter: ProviderAdapterV1): UsageBound {
  const media = chat.messages.flatMap(({ content }) =>
    typeof content === 'string' ? [] : content.filter((part) => part.type === 'image' || part.type === 'file'),
  );
  // A document of plain text is that text in the body, and no base64.
  const inline = media.flatMap(({ source }) =>
    source.kind === 'base64' && !source.mediaType.startsWith('text/') ? [source.data.length] : [],
  );
  const mediaLength = inline.reduce((sum, length) => sum + length, 0);
  const bound = adapter.bound({
    messages: [{ role: 'user', content: [{ type: 'text', text: JSON.stringify(native.body) }, ...media] }],
    maxOutputTokens: native.maxOutputTokens,
    ...(chat.tools && { tools: chat.tools }),
  });
  const ownTools = Array.isArray(native.body.tools) ? native.body.tools.filter(isOwnTool).length : 0;
  return { ...bound, inputTokens: bound.inputTokens - mediaLength + ownTools * OWN_TOOL_TOKENS };
}

/** Whether a tool is of the vendor's own making: the client describes its own, in the words of either format. */
function isOwnTool(tool: unknown): boolean {
  const type = typeof tool === 'object' && tool !== null && 'type' in tool ? tool.type : undefined;
  return type != null && type !== 'function' && type !== 'custom';
}

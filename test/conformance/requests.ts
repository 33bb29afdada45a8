import type { ChatRequest, JsonSchema, Tool, ToolCall } from '../../shared/providers/contract.ts';

export const CITY: JsonSchema = {
  type: 'object',
  properties: { city: { type: 'string', description: 'Its English name.' } },
  required: ['city'],
  additionalProperties: false,
};

export const WEATHER_TOOL: Tool = { name: 'get_weather', description: 'The weather in a city now.', parameters: CITY };

/** A transparent pixel, and no page. */
export const PNG = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==';
export const PDF = 'JVBERi0xLjQKJSVFT0Y=';
export const IMAGE_URL = 'https://example.org/cat.png';

/** Enough for a model that thinks first. */
export const MAX_OUTPUT_TOKENS = 4_096;

/** A request of one sentence. */
export function saying(content: string, more: Partial<ChatRequest> = {}): ChatRequest {
  return { messages: [{ role: 'user', content }], maxOutputTokens: MAX_OUTPUT_TOKENS, ...more };
}

export const asking = {
  tool: (content: string) => saying(content, { tools: [WEATHER_TOOL] }),
  json: (content: string) => saying(content, { responseFormat: { type: 'json', name: 'city', schema: CITY } }),
};

/** The conversation in which a tool was called and has answered. */
export function afterCall(content: string, call: ToolCall, result: string): ChatRequest {
  return {
    messages: [
      { role: 'user', content },
      { role: 'assistant', content: '', toolCalls: [call] },
      { role: 'tool', toolCallId: call.id, toolName: call.name, content: result },
    ],
    tools: [WEATHER_TOOL],
    maxOutputTokens: MAX_OUTPUT_TOKENS,
  };
}

import type { ChatRequest } from '../../shared/providers/contract.ts';
import { afterCall, asking, IMAGE_URL, MAX_OUTPUT_TOKENS, PDF, PNG, saying } from './requests.ts';
import { PARIS, SAYS } from './says.ts';

const OPTIONS: ChatRequest = {
  messages: [
    { role: 'system', content: 'Be brief.' },
    { role: 'user', content: 'hi' },
    { role: 'assistant', content: 'Yes?' },
    { role: 'user', content: SAYS.hello },
  ],
  maxOutputTokens: MAX_OUTPUT_TOKENS,
  temperature: 0.5,
  topP: 0.9,
  topK: 40,
  frequencyPenalty: 0.1,
  presencePenalty: 0.2,
  stop: ['END', 'STOP'],
  seed: 7,
};

/** Calls that an adapter and the vendor's own SDK must put on the wire alike. */
export const SCENARIOS = {
  options: OPTIONS,
  tools: { ...afterCall(SAYS.tool, PARIS, 'sunny'), toolChoice: 'auto', parallelToolCalls: false },
  'forced tool': { ...asking.tool(SAYS.tool), toolChoice: { name: 'get_weather' } },
  media: saying('', {
    messages: [
      {
        role: 'user',
        content: [
          { type: 'text', text: SAYS.hello },
          { type: 'image', source: { kind: 'base64', mediaType: 'image/png', data: PNG } },
          { type: 'image', source: { kind: 'url', url: IMAGE_URL, mediaType: 'image/png' } },
          { type: 'file', source: { kind: 'base64', mediaType: 'application/pdf', data: PDF }, filename: 'a.pdf' },
        ],
      },
    ],
  }),
  json: asking.json(SAYS.json),
  reasoning: saying(SAYS.hello, { reasoningEffort: 'high' }),
} as const satisfies Record<string, ChatRequest>;

export type Scenario = keyof typeof SCENARIOS;

import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Simulator, startSimulator } from './simulator.ts';

let simulator: Simulator;
beforeAll(async () => {
  simulator = await startSimulator({ port: 0 });
});
afterAll(() => simulator.close());

const messages = [{ role: 'user', content: 'What is the weather?' }];
const FORMATS = [
  ['OpenAI', '/v1/chat/completions', { model: 'm', messages, max_completion_tokens: 6 }, 'completion_tokens', 'length'],
  ['Perplexity', '/chat/completions', { model: 'm', messages, max_tokens: 6 }, 'completion_tokens', 'length'],
  ['Anthropic', '/v1/messages', { model: 'm', messages, max_tokens: 6 }, 'output_tokens', 'max_tokens'],
  [
    'Gemini',
    '/v1beta/models/m:generateContent',
    { contents: [{ role: 'user', parts: [{ text: 'Weather?' }] }], generationConfig: { maxOutputTokens: 6 } },
    'candidatesTokenCount',
    'MAX_TOKENS',
  ],
] as const;

it.each(FORMATS)('says in the format of %s that it is simulated, within the output limit', async (...format) => {
  const [, path, body, outputTokens, finishReason] = format;
  const response = await fetch(simulator.url + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'anthropic-version': '2023-06-01' },
    body: JSON.stringify(body),
  });
  expect(response.status).toBe(200);
  const answer = await response.text();
  expect(answer).toContain('This answer is simulated');
  expect(answer).toContain(`"${outputTokens}":6`);
  expect(answer).toContain(`"${finishReason}"`);
});

import { createOpenAI } from '@ai-sdk/openai';
import { APICallError, defaultSettingsMiddleware, generateText, isStepCount, jsonSchema, tool, wrapProvider } from 'ai';
import { describe, expect, it } from 'vitest';
import { writeOpenAiError } from '../openai-error.ts';
import { read, response, START, taken, written } from './testing/fixtures.ts';

const ANSWERS = [
  response(
    {
      content: 'I look.',
      reasoning: [{ type: 'reasoning', text: 'Hm.', signature: 'proof' }],
      toolCalls: [{ id: 'c1', name: 'f', arguments: '{"a":1}', signature: 'sig' }],
    },
    { finishReason: 'tool-calls' },
  ),
  response({ content: 'Done.' }),
];

/** The Vercel AI SDK's provider of OpenAI, answered as the route does; the bodies that it sends are pushed to `sent`. */
function provider(sent: object[]) {
  return createOpenAI({
    apiKey: 'k',
    fetch: async (_, init) => {
      const body = JSON.parse(String(init?.body));
      const asked = read(body);
      if (asked.ok) {
        const answer = ANSWERS[sent.push(body) - 1];
        if (!answer) throw new Error('asked too often');
        return Response.json(written(answer));
      }
      const { status, body: error } = writeOpenAiError(asked.error, START.requestId);
      return Response.json(error, { status });
    },
  });
}

type Model = Parameters<typeof generateText>[0]['model'];

const loop = (model: Model) =>
  generateText({
    model,
    maxRetries: 0,
    prompt: 'Look it up.',
    tools: { f: tool({ inputSchema: jsonSchema({ type: 'object' }), execute: () => 'found' }) },
    stopWhen: isStepCount(2),
  });

describe('a tool loop of the Vercel AI SDK over Responses', () => {
  it('hands back all of an answer where the client is told that nothing is stored, as docs/clients says', async () => {
    const sent: object[] = [];
    const settings = { providerOptions: { openai: { store: false } } };
    const languageModelMiddleware = defaultSettingsMiddleware({ settings });
    const { text } = await loop(wrapProvider({ provider: provider(sent), languageModelMiddleware }).languageModel('m'));
    expect(text).toBe('Done.');
    expect(taken(sent[1] ?? {}).input.messages).toMatchObject([
      { role: 'user' },
      {
        role: 'assistant',
        content: [
          { type: 'reasoning', text: 'Hm.', signature: 'proof' },
          { type: 'text', text: 'I look.' },
        ],
        toolCalls: [{ id: 'c1', name: 'f', arguments: '{"a":1}', signature: 'sig' }],
      },
      { role: 'tool', toolCallId: 'c1', content: 'found' },
    ]);
  });

  it('is refused where the client is not told, with what to do', async () => {
    const sent: object[] = [];
    const failure: unknown = await loop(provider(sent)('m')).catch((error: unknown) => error);
    if (!APICallError.isInstance(failure)) throw new Error(`no APICallError: ${failure}`);
    expect([failure.statusCode, failure.isRetryable, sent.length]).toEqual([400, false, 1]);
    expect(failure.message).toContain('store: false');
  });
});

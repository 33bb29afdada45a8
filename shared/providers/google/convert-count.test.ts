import { describe, expect, it } from 'vitest';
import type { ChatRequest } from '../contract.ts';
import { answeringJson } from '../testing/answering.ts';
import { googleAdapter } from './adapter.ts';

const REQUEST: ChatRequest = {
  messages: [
    { role: 'system', content: 'Be brief.' },
    { role: 'user', content: 'hi' },
  ],
  maxOutputTokens: 10,
  tools: [{ name: 'f', parameters: {} }],
  toolChoice: 'auto',
};
const COUNTED = {
  contents: [{ role: 'user', parts: [{ text: 'hi' }] }],
  systemInstruction: { parts: [{ text: 'Be brief.' }] },
  tools: [{ functionDeclarations: [{ name: 'f', parametersJsonSchema: {} }] }],
  generationConfig: { maxOutputTokens: 10 },
};

describe('the input of a request', () => {
  /** https://ai.google.dev/api/tokens */
  it('is counted by the Gemini API as the whole request', async () => {
    const { options, seen } = answeringJson({ totalTokens: 9, promptTokensDetails: [] });
    expect(await googleAdapter.countTokens?.(REQUEST, options)).toBe(9);
    expect(seen[0]?.url).toMatch(/\/v1beta\/models\/test-model:countTokens$/);
    expect(seen[0]?.body).toStrictEqual({
      generateContentRequest: {
        ...COUNTED,
        toolConfig: { functionCallingConfig: { mode: 'AUTO' } },
        model: 'models/test-model',
      },
    });
  });

  /** https://cloud.google.com/vertex-ai/docs/reference/rest/v1/projects.locations.publishers.models/countTokens */
  it('is counted by Vertex AI from its fields', async () => {
    const { options, seen } = answeringJson({ totalTokens: 9, totalBillableCharacters: 30 });
    const baseUrl = 'https://us-east1-aiplatform.googleapis.com/v1/projects/p/locations/us-east1';
    const vertex = { ...options, baseUrl, credentials: { apiKey: '', accessToken: 'token' } };
    expect(await googleAdapter.countTokens?.(REQUEST, vertex)).toBe(9);
    expect(seen[0]?.url).toBe(`${baseUrl}/publishers/google/models/test-model:countTokens`);
    expect(seen[0]?.body).toStrictEqual(COUNTED);
  });

  it('that is not counted is a bad response', async () => {
    const call = googleAdapter.countTokens?.(REQUEST, answeringJson({}).options);
    await expect(call).rejects.toMatchObject({ kind: 'bad-response' });
  });
});

import Anthropic from '@anthropic-ai/sdk';
import { GoogleGenAI } from '@google/genai';
import OpenAI from 'openai';
import type { ChatRequest } from '../../shared/providers/contract.ts';
import { DEFAULT_MODELS } from '../../shared/providers/default-models.ts';
import { adapterFor } from '../../shared/providers/registry.ts';
import { adapterConformance } from './adapter-conformance.ts';

function systemOf({ messages }: ChatRequest): string {
  return messages.flatMap(({ role, content }) => (role === 'system' ? [content] : [])).join('');
}

function turnsOf({ messages }: ChatRequest) {
  return messages.flatMap(({ role, content }) => (role === 'system' ? [] : [{ role, content }]));
}

adapterConformance({
  adapter: adapterFor('openai'),
  model: DEFAULT_MODELS.openai,
  rawLength: 'length',
  ignores: [],
  differences: [],
  async callSdk({ origin, model, request, fetch }) {
    const client = new OpenAI({ apiKey: 'test-key', baseURL: `${origin}/v1`, fetch, maxRetries: 0 });
    const answer = await client.chat.completions.create({
      model,
      messages: [...request.messages],
      max_completion_tokens: request.maxOutputTokens,
      temperature: request.temperature,
      top_p: request.topP,
      seed: request.seed,
      stop: [...request.stop],
    });
    return answer.choices[0]?.message.content;
  },
});

adapterConformance({
  adapter: adapterFor('anthropic'),
  model: DEFAULT_MODELS.anthropic,
  rawLength: 'max_tokens',
  ignores: ['temperature', 'topP', 'seed'],
  differences: [],
  async callSdk({ origin, model, request, fetch }) {
    const client = new Anthropic({ apiKey: 'test-key', baseURL: origin, fetch, maxRetries: 0 });
    const answer = await client.messages.create({
      model,
      max_tokens: request.maxOutputTokens,
      system: systemOf(request),
      messages: turnsOf(request),
      stop_sequences: [...request.stop],
    });
    const [block] = answer.content;
    return block?.type === 'text' ? block.text : null;
  },
});

adapterConformance({
  adapter: adapterFor('google'),
  model: DEFAULT_MODELS.google,
  rawLength: 'MAX_TOKENS',
  ignores: [],
  differences: [
    {
      field: 'systemInstruction',
      ours: { parts: [{ text: 'Be brief.' }] },
      theirs: { parts: [{ text: 'Be brief.' }], role: 'user' },
      reason: 'the SDK marks a system instruction given as a string with the role of the user; the API ignores it',
    },
  ],
  async callSdk({ origin, model, request, fetch }) {
    const httpOptions = { baseUrl: origin, apiVersion: 'v1beta', fetch };
    const client = new GoogleGenAI({ apiKey: 'test-key', httpOptions });
    const answer = await client.models.generateContent({
      model,
      contents: turnsOf(request).map(({ role, content }) => ({
        role: role === 'assistant' ? 'model' : 'user',
        parts: [{ text: content }],
      })),
      config: {
        systemInstruction: systemOf(request),
        maxOutputTokens: request.maxOutputTokens,
        temperature: request.temperature,
        topP: request.topP,
        seed: request.seed,
        stopSequences: [...request.stop],
      },
    });
    return answer.text;
  },
});

/** Perplexity documents OpenAI's client as one of its own: https://docs.perplexity.ai/guides/chat-completions-guide */
adapterConformance({
  adapter: adapterFor('perplexity'),
  model: DEFAULT_MODELS.perplexity,
  rawLength: 'length',
  ignores: ['seed'],
  differences: [],
  async callSdk({ origin, model, request, fetch }) {
    const client = new OpenAI({ apiKey: 'test-key', baseURL: origin, fetch, maxRetries: 0 });
    const answer = await client.chat.completions.create({
      model,
      messages: [...request.messages],
      max_tokens: request.maxOutputTokens,
      temperature: request.temperature,
      top_p: request.topP,
      stop: [...request.stop],
    });
    return answer.choices[0]?.message.content;
  },
});

import { ANTHROPIC_ERROR_FEATURES } from './anthropic-errors.ts';
import { ANTHROPIC_FEATURES } from './anthropic-messages.ts';
import type { Client } from './feature.ts';
import { LANGCHAIN_CLIENTS } from './langchain.ts';
import { CHAT_FEATURES } from './openai-chat.ts';
import { OPENAI_ERROR_FEATURES } from './openai-errors.ts';
import { OTHER_OPENAI_FEATURES } from './openai-others.ts';
import { RESPONSES_FEATURES } from './openai-responses.ts';
import { VERCEL_CLIENTS } from './vercel-ai.ts';

/** The clients that are tried, in the order of the table. */
export const CLIENTS: readonly Client[] = [
  {
    name: '`openai`',
    setUp: "new OpenAI({ baseURL: 'https://…/v1', apiKey: 'eufm_…' })",
    features: [...CHAT_FEATURES, ...RESPONSES_FEATURES, ...OTHER_OPENAI_FEATURES, ...OPENAI_ERROR_FEATURES],
  },
  {
    name: '`@anthropic-ai/sdk`',
    setUp: "new Anthropic({ baseURL: 'https://…', apiKey: 'eufm_…' })",
    features: [...ANTHROPIC_FEATURES, ...ANTHROPIC_ERROR_FEATURES],
  },
  ...VERCEL_CLIENTS,
  ...LANGCHAIN_CLIENTS,
];

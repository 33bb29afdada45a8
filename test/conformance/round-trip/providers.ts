import type { ChatInput } from '../../../shared/contracts/http/chat-input.ts';
import type { ChatRequest, ProviderName } from '../../../shared/providers/contract.ts';
import { adapterFor } from '../../../shared/providers/registry.ts';
import { toTask } from '../../../workers/gateway/pipeline/task.ts';
import type { Reading } from './conversation.ts';
import { readMessagesBody } from './forms/read-anthropic.ts';
import { readGeminiBody } from './forms/read-gemini.ts';
import { readChatBody } from './forms/read-openai-chat.ts';
import { anthropicRules } from './rules/anthropic.ts';
import { googleRules } from './rules/google.ts';
import { mistralRules, openaiCompatibleRules, openaiRules, perplexityRules } from './rules/openai-shaped.ts';
import type { Rules } from './rules/rules.ts';
import { untold } from './rules/schemas.ts';

/** A provider: what it cannot be told, and how the body that it gets is read. */
export interface Provider {
  readonly name: ProviderName;
  readonly model: string;
  readonly rules: Rules;
  readonly read: (body: string) => Reading;
  /** The vendor does not take all ids of calls that others make. */
  readonly hasOwnIds?: boolean;
}

// Guarantee of the casts: `JSON.parse` answers what the adapter wrote, and a form that is not as it should be is told
// by the comparison that follows.
const readChat = (body: string) => readChatBody(JSON.parse(body) as Parameters<typeof readChatBody>[0]);
const readMessages = (body: string) =>
  withSchemas(readMessagesBody(JSON.parse(body) as Parameters<typeof readMessagesBody>[0]));
const readGemini = (body: string) =>
  withSchemas(readGeminiBody(JSON.parse(body) as Parameters<typeof readGeminiBody>[0]));

export const PROVIDERS: readonly Provider[] = [
  { name: 'openai', model: 'gpt-6-luna', rules: openaiRules, read: readChat },
  { name: 'openai-compatible', model: 'any', rules: openaiCompatibleRules, read: readChat },
  { name: 'mistral', model: 'mistral-small', rules: mistralRules, read: readChat, hasOwnIds: true },
  { name: 'perplexity', model: 'sonar', rules: perplexityRules, read: readChat },
  { name: 'anthropic', model: 'claude-opus-4-7', rules: anthropicRules, read: readMessages, hasOwnIds: true },
  { name: 'google', model: 'gemini-3-pro', rules: googleRules, read: readGemini },
];

/** Makes a provider's request of a chat: its body as it is sent, and the adapter's warnings. */
export type Send = (provider: Provider, request: ChatRequest) => Promise<Sent>;
export interface Sent {
  readonly body: string;
  readonly warnings: readonly string[];
}

/** What the adapter sends. The vendor answers with an empty stream. */
export async function send({ name, model }: Provider, request: ChatRequest): Promise<Sent> {
  let body = '';
  const { warnings } = await adapterFor(name).stream(request, {
    model,
    credentials: { apiKey: 'test-key' },
    baseUrl: 'https://vendor.example/v1',
    fetch: async (_, init) => {
      body = String(init?.body);
      return new Response(null, { headers: { 'content-type': 'text/event-stream' } });
    },
    now: () => 0,
    generateId: () => 'made-up',
    abortSignal: NEVER,
  });
  return { body, warnings };
}

const NEVER = new AbortController().signal;

/** A chat as the pipeline asks for it. */
export function toChatRequest(input: ChatInput): ChatRequest {
  const asked = { taskType: 'chat', input, stream: true, async: false, metadata: {}, providerPreferences: [] } as const;
  const task = toTask({ ...asked, providerPreferences: [] });
  if (!task.ok || task.value.kind !== 'chat') throw new Error('the pipeline refused a chat');
  return task.value.request;
}

function withSchemas({ conversation, beside }: Reading): Reading {
  const { said, settings } = conversation;
  const { tools, format } = settings;
  const read = {
    ...settings,
    ...(tools && { tools: tools.map((tool) => ({ ...tool, schema: untold(tool.schema) })) }),
    ...(format && { format: 'schema' in format ? { ...format, schema: untold(format.schema) } : format }),
  };
  return { conversation: { said, settings: read }, beside };
}

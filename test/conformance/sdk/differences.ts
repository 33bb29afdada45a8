import { expect } from 'vitest';
import type { ProviderName } from '../../../shared/providers/contract.ts';
import { CITY, MAX_OUTPUT_TOKENS, PDF } from '../requests.ts';
import { PARIS } from '../says.ts';
import type { Scenario } from '../scenarios.ts';

/** Fields of the body in which an adapter and the client differ on purpose: ours, then theirs. */
interface Difference {
  readonly providers: readonly ProviderName[];
  /** All, where these are absent. */
  readonly scenarios?: readonly Scenario[];
  readonly way?: 'generate' | 'stream';
  readonly fields: Readonly<Record<string, readonly [ours: unknown, theirs: unknown]>>;
  readonly reason: string;
}

const json = (strict: object) => ({ type: 'json_schema', json_schema: { name: 'city', schema: CITY, ...strict } });
const contentWith = (part: object) => [{ role: 'user', content: expect.arrayContaining([part]) }];

const UNSIGNED_CALL = {
  role: 'model',
  parts: [
    {
      functionCall: { id: PARIS.id, name: PARIS.name, args: { city: 'Paris' } },
      thoughtSignature: 'skip_thought_signature_validator',
    },
  ],
};

/** None with the packages `openai` and `@anthropic-ai/sdk` and the vendors that publish them. */
export const DIFFERENCES: readonly Difference[] = [
  {
    providers: ['perplexity', 'mistral', 'openai-compatible'],
    fields: { max_tokens: [MAX_OUTPUT_TOKENS, undefined], max_completion_tokens: [undefined, MAX_OUTPUT_TOKENS] },
    reason: 'only OpenAI has renamed it',
  },
  {
    providers: ['perplexity', 'mistral', 'openai-compatible'],
    scenarios: ['json'],
    fields: { response_format: [json({}), json({ strict: true })] },
    reason: 'what strict asks of a schema is told by OpenAI alone',
  },
  {
    providers: ['perplexity', 'mistral'],
    way: 'stream',
    fields: { stream_options: [undefined, { include_usage: true }] },
    reason: 'usage comes unasked',
  },
  {
    providers: ['perplexity'],
    scenarios: ['options'],
    fields: { top_k: [40, undefined], seed: [undefined, 7] },
    reason: 'the one is an option of Perplexity alone, the other of OpenAI',
  },
  {
    providers: ['perplexity'],
    scenarios: ['tools'],
    fields: {
      tools: [undefined, expect.any(Array)],
      tool_choice: [undefined, 'auto'],
      parallel_tool_calls: [undefined, false],
    },
    reason: 'Perplexity has no tools',
  },
  {
    providers: ['perplexity'],
    scenarios: ['forced tool'],
    fields: { tools: [undefined, expect.any(Array)], tool_choice: [undefined, expect.any(Object)] },
    reason: 'Perplexity has no tools',
  },
  {
    providers: ['perplexity'],
    scenarios: ['media'],
    fields: {
      messages: [contentWith({ type: 'file_url', file_url: { url: PDF }, file_name: 'a.pdf' }), expect.any(Array)],
    },
    reason: 'its own part for a file',
  },
  {
    providers: ['mistral'],
    scenarios: ['options'],
    fields: { random_seed: [7, undefined], seed: [undefined, 7] },
    reason: 'its own name for it',
  },
  {
    providers: ['mistral'],
    scenarios: ['tools'],
    fields: {
      messages: [
        expect.arrayContaining([
          { role: 'tool', content: 'sunny', tool_call_id: expect.stringMatching(/^[a-zA-Z0-9]{9}$/) },
        ]),
        expect.any(Array),
      ],
    },
    reason: 'it wants ids of nine letters and digits',
  },
  {
    providers: ['mistral'],
    scenarios: ['media'],
    fields: {
      messages: [
        contentWith({
          type: 'document_url',
          document_url: `data:application/pdf;base64,${PDF}`,
          document_name: 'a.pdf',
        }),
        expect.any(Array),
      ],
    },
    reason: 'its own part for a file',
  },
  {
    providers: ['google'],
    scenarios: ['tools'],
    fields: { contents: [expect.arrayContaining([UNSIGNED_CALL]), expect.any(Array)] },
    reason: 'a call that Gemini 3 did not sign is marked as such, which it asks for',
  },
];

/** Answers that a client does not read as the adapter does. */
interface Unread {
  readonly provider: ProviderName;
  readonly names: readonly string[];
  readonly reason: string;
}

export const UNREAD: readonly Unread[] = [
  {
    provider: 'perplexity',
    names: ['deep-research.json'],
    reason: 'citations and thoughts are counted beside the rest',
  },
  {
    provider: 'mistral',
    names: ['thinking.json', 'thinking.sse'],
    reason: 'content in parts is not in OpenAI’s format',
  },
  { provider: 'mistral', names: ['tools.json', 'tools.sse'], reason: 'its tool calls have no type' },
];

import { PACE_MARKS, type Pace } from './upstream-answers.ts';

/** A request to a target. */
export interface BenchRequest {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Whose requests the product's are. */
export interface Caller {
  readonly tenantId: string;
  readonly apiKey: string;
}

export const MODEL = 'gpt-4o-mini';
const SYSTEM = 'You are a helpful assistant for a workshop that plans, builds and checks software. '.repeat(3).trim();
const QUESTION =
  'Explain how a lease of permits from a coordinator cuts the number of hops on a hot path, and when it is wrong. ';
const MAX_OUTPUT_TOKENS = 256;
const TEMPERATURE = 0.2;

/** A streamed chat in OpenAI's format, as its SDK sends it: about a thousand bytes. */
export function openaiStream(pace: Pace, headers: Readonly<Record<string, string>> = {}): BenchRequest {
  const body = {
    model: MODEL,
    messages: messages(pace),
    temperature: TEMPERATURE,
    max_tokens: MAX_OUTPUT_TOKENS,
    stream: true,
    stream_options: { include_usage: true },
  };
  return {
    path: '/v1/chat/completions',
    headers: { 'content-type': 'application/json', authorization: 'Bearer sk-bench', ...headers },
    body: JSON.stringify(body),
  };
}

/** The same to the product, as a client of OpenAI's sends it. */
export function sameShapeStream(pace: Pace, { tenantId, apiKey }: Caller): BenchRequest {
  return openaiStream(pace, { authorization: `Bearer ${apiKey}`, 'x-tenant-id': tenantId });
}

/** The same in the product's own format. */
export function orchestrateStream(pace: Pace, { tenantId, apiKey }: Caller): BenchRequest {
  const body = {
    input: { messages: messages(pace), temperature: TEMPERATURE, maxOutputTokens: MAX_OUTPUT_TOKENS },
    providerPreferences: [{ provider: 'openai', model: MODEL }],
    stream: true,
  };
  return {
    path: '/v1/orchestrate',
    headers: { 'content-type': 'application/json', 'x-api-key': apiKey, 'x-tenant-id': tenantId },
    body: JSON.stringify(body),
  };
}

function messages(pace: Pace) {
  return [
    { role: 'system', content: SYSTEM },
    { role: 'user', content: QUESTION.repeat(5) + PACE_MARKS[pace] },
  ];
}

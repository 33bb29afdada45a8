import { isStreamPace, PACE_MARKS, type Pace } from './upstream-answers.ts';

type Headers = Readonly<Record<string, string>>;

/** A request to a target. */
export interface BenchRequest {
  readonly path: string;
  readonly headers: Headers;
  /** What each caller adds to them. Callers take turns. Absent: it is always the same one. */
  readonly callers?: readonly Headers[];
  readonly body: string;
  /** Words that end every whole answer. */
  readonly expected: string;
}

/** Whose requests the product's are. */
export interface Caller {
  readonly tenantId: string;
  readonly apiKey: string;
}

export const MODEL = 'gpt-4o-mini';
/** Length of every request's body. */
export const BODY_BYTES = 984;
const SYSTEM = 'You are a helpful assistant for a workshop that plans, builds and checks software. '.repeat(3).trim();
const QUESTION =
  'Explain how a lease of permits from a coordinator cuts the number of hops on a hot path, and when it is wrong. ';
const MAX_OUTPUT_TOKENS = 256;
const TEMPERATURE = 0.2;
const JSON_BODY = { 'content-type': 'application/json' };

/** A chat in OpenAI's format, as its SDK sends it. */
export function openaiChat(pace: Pace, headers: Headers = {}): BenchRequest {
  const isStream = isStreamPace(pace);
  return {
    path: '/v1/chat/completions',
    headers: { ...JSON_BODY, authorization: 'Bearer sk-bench', ...headers },
    body: ofBodyBytes((filler) => ({
      model: MODEL,
      messages: messages(pace, filler),
      temperature: TEMPERATURE,
      max_tokens: MAX_OUTPUT_TOKENS,
      ...(isStream ? { stream: true, stream_options: { include_usage: true } } : {}),
    })),
    expected: isStream ? 'data: [DONE]\n\n' : '"total_tokens":',
  };
}

/** The same to the product, as a client of OpenAI's sends it. */
export function sameShapeChat(pace: Pace, callers: readonly Caller[]): BenchRequest {
  return {
    ...openaiChat(pace),
    headers: JSON_BODY,
    callers: callers.map(({ tenantId, apiKey }) => ({ authorization: `Bearer ${apiKey}`, 'x-tenant-id': tenantId })),
  };
}

/** The same in the product's own format. */
export function orchestrateChat(pace: Pace, callers: readonly Caller[]): BenchRequest {
  const isStream = isStreamPace(pace);
  return {
    path: '/v1/orchestrate',
    headers: JSON_BODY,
    callers: callers.map(({ tenantId, apiKey }) => ({ 'x-api-key': apiKey, 'x-tenant-id': tenantId })),
    body: ofBodyBytes((filler) => ({
      input: { messages: messages(pace, filler), temperature: TEMPERATURE, maxOutputTokens: MAX_OUTPUT_TOKENS },
      providerPreferences: [{ provider: 'openai', model: MODEL }],
      ...(isStream ? { stream: true } : {}),
    })),
    expected: isStream ? 'event: completed\n' : '"usage":',
  };
}

/** The body as JSON, with as much filler as it takes to be `BODY_BYTES` long. All text is ASCII. */
function ofBodyBytes(bodyWith: (filler: string) => object): string {
  const missing = BODY_BYTES - JSON.stringify(bodyWith('')).length;
  return JSON.stringify(bodyWith(QUESTION.repeat(BODY_BYTES / QUESTION.length + 1).slice(0, missing)));
}

function messages(pace: Pace, filler: string) {
  return [
    { role: 'system', content: SYSTEM },
    { role: 'user', content: filler + PACE_MARKS[pace] },
  ];
}

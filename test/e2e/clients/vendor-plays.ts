import * as z from 'zod';
import { fixturesOf } from '../../conformance/fixtures.ts';
import type { ClientProvider } from './feature.ts';
import { faultOf } from './vendor-faults.ts';
import { ASKS, COUNTED_TOKENS } from './vendor-says.ts';

interface Call {
  readonly provider: ClientProvider;
  readonly path: string;
  readonly body: unknown;
}

/** An answer in the vendor's documented form. */
export interface Played {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body: string;
}

/** Of Gemini's, which must come back with the call's result. */
export const SIGNATURE = 'c2ln';
export const COMPLETION = ' a time';

/** What a vendor answers that the mock has no form for; undefined leaves the call to the mock. */
export function play(call: Call): Played | undefined {
  const { provider, path, body } = call;
  const asked = JSON.stringify(body);
  if (path.endsWith('/count_tokens')) return json({ input_tokens: COUNTED_TOKENS });
  if (path.endsWith(':countTokens')) return json({ totalTokens: COUNTED_TOKENS });
  if (/embed/i.test(path)) return json(embeddings(call));
  if (path.endsWith('/v1/completions')) return completion(body);
  const fault = faultOf(provider, asked);
  if (fault) return fault;
  if (asked.includes(ASKS.think)) return recorded(call, 'thinking');
  if (asked.includes(ASKS.search)) return recorded(call, 'text');
  return provider === 'google' ? googleCalls(call, asked) : undefined;
}

/** A fixture of the conformance suite, as the stream or the whole answer that was asked for; undefined where there is none. */
function recorded({ provider, path, body }: Call, name: string): Played | undefined {
  const file = `${name}.${isStream(path, body) ? 'sse' : 'json'}`;
  const fixture = fixturesOf(provider).find((each) => each.name === file);
  return fixture && { status: fixture.status, headers: { ...fixture.headers }, body: fixture.body };
}

function isStream(path: string, body: unknown): boolean {
  return path.includes(':streamGenerateContent') || z.object({ stream: z.literal(true) }).safeParse(body).success;
}

/** Gemini signs its calls, and the mock does not. https://ai.google.dev/gemini-api/docs/thought-signatures */
function googleCalls(call: Call, asked: string): Played | undefined {
  const isFirst = asked.includes('functionDeclarations') && !asked.includes('functionResponse');
  if (!isFirst || !asked.includes('"get_weather"')) return undefined;
  if (asked.includes(ASKS.parallelTools)) return recorded(call, 'tools');
  if (!asked.includes(ASKS.tool)) return undefined;
  const answer = {
    candidates: [
      {
        content: {
          role: 'model',
          parts: [{ functionCall: { name: 'get_weather', args: { city: 'Paris' } }, thoughtSignature: SIGNATURE }],
        },
        index: 0,
        finishReason: 'STOP',
      },
    ],
    usageMetadata: { promptTokenCount: 11, candidatesTokenCount: 7, totalTokenCount: 18 },
    modelVersion: 'gemini-3.5-flash-lite',
    responseId: 'played',
  };
  return isStream(call.path, call.body) ? events([answer]) : json(answer);
}

/** One vector for a text, of its length, so that their order shows. */
export function vectorOf(provider: ClientProvider, text: string): number[] {
  return provider === 'perplexity' ? [text.length, -128, 127] : [text.length / 8, -0.5, 1];
}

const embeddingBody = z.object({ input: z.array(z.string()) });
const googleEmbeddingBody = z.object({
  requests: z.array(z.object({ content: z.object({ parts: z.tuple([z.object({ text: z.string() })]) }) })),
});

function embeddings({ provider, body }: Call): object {
  if (provider === 'google') {
    // https://ai.google.dev/api/embeddings#method:-models.batchembedcontents
    const { requests } = googleEmbeddingBody.parse(body);
    return { embeddings: requests.map(({ content }) => ({ values: vectorOf(provider, content.parts[0].text) })) };
  }
  const { input } = embeddingBody.parse(body);
  const data = input.map((text, index) => {
    const vector = vectorOf(provider, text);
    // https://docs.perplexity.ai/api-reference/embeddings-post
    const bytes = Buffer.from(Int8Array.from(vector).buffer).toString('base64');
    return { object: 'embedding', index, embedding: provider === 'perplexity' ? bytes : vector };
  });
  return { object: 'list', data, model: 'embedder', usage: { prompt_tokens: 4, total_tokens: 4 } };
}

/** https://platform.openai.com/docs/api-reference/completions/object */
function completion(body: unknown): Played {
  const head = {
    id: 'cmpl-played',
    object: 'text_completion',
    created: 1_790_000_000,
    model: 'gpt-3.5-turbo-instruct',
  };
  const choice = { index: 0, logprobs: null };
  const usage = { prompt_tokens: 5, completion_tokens: 2, total_tokens: 7 };
  if (!isStream('', body)) {
    return json({ ...head, choices: [{ ...choice, text: COMPLETION, finish_reason: 'stop' }], usage });
  }
  return events([
    { ...head, choices: [{ ...choice, text: ' a', finish_reason: null }] },
    { ...head, choices: [{ ...choice, text: ' time', finish_reason: null }] },
    { ...head, choices: [{ ...choice, text: '', finish_reason: 'stop' }] },
    { ...head, choices: [], usage },
    '[DONE]',
  ]);
}

function json(body: object): Played {
  return { status: 200, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
}

function events(datas: readonly (object | string)[]): Played {
  const lines = datas.map((data) => `data: ${typeof data === 'string' ? data : JSON.stringify(data)}\n\n`);
  return { status: 200, headers: { 'content-type': 'text/event-stream' }, body: lines.join('') };
}

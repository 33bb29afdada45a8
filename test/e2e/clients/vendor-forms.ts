import { expect } from 'vitest';
import { PDF, PNG } from '../../conformance/requests.ts';
import { type ClientProvider, lastSeen, type Target } from './feature.ts';

type Forms = { readonly [Provider in ClientProvider]?: object };

const PNG_URL = `data:image/png;base64,${PNG}`;
const PDF_URL = `data:application/pdf;base64,${PDF}`;
const OPENAI_TOOL = { type: 'function', function: { name: 'get_weather' } };
const OPENAI_RESULT = { role: 'tool', content: 'sunny', tool_call_id: expect.any(String) };
const OPENAI_IMAGE = { type: 'image_url', image_url: { url: PNG_URL } };
const OPENAI_SCHEMA = { type: 'json_schema', json_schema: { schema: { type: 'object' } } };
const EFFORT = { reasoning_effort: 'high' };

/** What a vendor calls what a client asked for. Without a form, it has none. */
export const SENT = {
  tool: {
    openai: OPENAI_TOOL,
    anthropic: { name: 'get_weather', input_schema: { type: 'object' } },
    google: { functionDeclarations: [{ name: 'get_weather' }] },
    mistral: OPENAI_TOOL,
  },
  result: {
    openai: OPENAI_RESULT,
    anthropic: { type: 'tool_result', tool_use_id: expect.any(String) },
    google: { functionResponse: { name: 'get_weather', response: { output: 'sunny' } } },
    mistral: OPENAI_RESULT,
  },
  image: {
    openai: OPENAI_IMAGE,
    anthropic: { type: 'image', source: { type: 'base64', media_type: 'image/png', data: PNG } },
    google: { inlineData: { mimeType: 'image/png', data: PNG } },
    perplexity: OPENAI_IMAGE,
    mistral: OPENAI_IMAGE,
  },
  pdf: {
    openai: { type: 'file', file: { file_data: PDF_URL } },
    anthropic: { type: 'document', source: { type: 'base64', media_type: 'application/pdf', data: PDF } },
    google: { inlineData: { mimeType: 'application/pdf', data: PDF } },
    perplexity: { type: 'file_url', file_url: { url: PDF } },
    mistral: { type: 'document_url', document_url: PDF_URL },
  },
  schema: {
    openai: OPENAI_SCHEMA,
    anthropic: { format: { type: 'json_schema', schema: { type: 'object' } } },
    google: { responseMimeType: 'application/json', responseJsonSchema: { type: 'object' } },
    perplexity: OPENAI_SCHEMA,
    mistral: OPENAI_SCHEMA,
  },
  effort: {
    openai: EFFORT,
    anthropic: { thinking: { type: 'enabled', budget_tokens: expect.any(Number) } },
    google: { thinkingConfig: { includeThoughts: true } },
    perplexity: EFFORT,
    mistral: EFFORT,
  },
  temperature: {
    openai: { temperature: 0.5 },
    anthropic: { temperature: 0.5 },
    google: { temperature: 0.5 },
    perplexity: { temperature: 0.5 },
    mistral: { temperature: 0.5 },
  },
} as const satisfies Record<string, Forms>;

/** Asserts that the provider's last request says something in the provider's own form. */
export function expectSent(target: Target, what: keyof typeof SENT): void {
  const forms: Forms = SENT[what];
  const form = forms[target.provider];
  if (!form) throw new Error(`${target.provider} has no form for ${what}`);
  const { body } = lastSeen(target);
  const isSaid = objectsIn(body).some((part) => matches(part, form));
  expect(isSaid, `${JSON.stringify(body)} says ${JSON.stringify(form)}`).toBe(true);
}

/** Asserts that the provider's last request says nothing of the kind, in whatever form. */
export function expectNotSent(target: Target, what: keyof typeof SENT): void {
  const { body } = lastSeen(target);
  const said = Object.values(SENT[what]).filter((form) => objectsIn(body).some((part) => matches(part, form)));
  expect(said, JSON.stringify(body)).toEqual([]);
}

function matches(part: object, form: object): boolean {
  try {
    expect(part).toMatchObject(form);
    return true;
  } catch {
    return false;
  }
}

function objectsIn(value: unknown): object[] {
  if (typeof value !== 'object' || value === null) return [];
  return [...(Array.isArray(value) ? [] : [value]), ...Object.values(value).flatMap(objectsIn)];
}

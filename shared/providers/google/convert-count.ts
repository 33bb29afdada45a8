import type { CallOptions, ChatRequest } from '../contract.ts';
import { convertRequest } from './convert-request.ts';

/** What Vertex AI's `countTokens` takes of a request: it refuses any other field. */
const COUNTED: ReadonlySet<string> = new Set(['contents', 'generationConfig', 'systemInstruction', 'tools']);

/**
 * The body of `countTokens`: the whole request under its own name (https://ai.google.dev/api/tokens), or on Vertex AI its
 * fields (https://cloud.google.com/vertex-ai/docs/reference/rest/v1/projects.locations.publishers.models/countTokens).
 */
export function convertCount(request: ChatRequest, { model, credentials }: CallOptions): object {
  const { body } = convertRequest(request, model);
  if (credentials.accessToken === undefined) return { generateContentRequest: { ...body, model: `models/${model}` } };
  return Object.fromEntries(Object.entries(body).filter(([field]) => COUNTED.has(field)));
}

import { answerHeaders } from './answer-headers.ts';
import type { AppContext } from './app-context.ts';
import { asUntyped, type UntypedResponse } from './untyped-response.ts';

/** Makes the answer to a request with all of its headers at once: each one that is set on a response later costs more. */
export function answer(
  context: AppContext,
  body: BodyInit | null,
  status: number,
  headers: Readonly<Record<string, string>>,
): UntypedResponse {
  context.set('hasHeaders', true);
  return asUntyped(new Response(body, { status, headers: Object.assign(answerHeaders(context), headers) }));
}

/** Answers with JSON. */
export function answerJson(context: AppContext, value: object, headers?: Readonly<Record<string, string>>) {
  return answer(context, JSON.stringify(value), 200, { 'content-type': 'application/json', ...headers });
}

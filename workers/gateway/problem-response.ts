import type { TypedResponse } from 'hono';
import type { Problem } from '../../shared/contracts/http/problem.ts';
import { type DomainError, ERRORS } from '../../shared/errors/domain-error.ts';
import type { AppContext } from './app-context.ts';

/** A response that a typed handler may return beside its successes: errors are typed by `problem`, for every route. */
type ProblemResponse = Response & TypedResponse<never, never, never>;

/** Answers with an error as `application/problem+json` (RFC 9457). The only way in which an error leaves the gateway. */
export function problemResponse(context: AppContext, error: DomainError): ProblemResponse {
  const { status, title, retry } = ERRORS[error.code];
  const body: Problem = {
    type: `urn:eufm:error:${error.code}`,
    title,
    status,
    detail: error.detail,
    instance: context.get('requestId'),
    code: error.code,
    retry,
    ...(error.errors && { errors: [...error.errors] }),
  };
  const headers = new Headers({ 'content-type': 'application/problem+json', ...error.headers });
  if (error.retryAfterMs !== undefined) headers.set('retry-after', String(Math.ceil(error.retryAfterMs / 1000)));
  context.get('logFields').code = error.code;
  return asProblem(context.newResponse(JSON.stringify(body), { status, headers }));
}

/** The type markers exist at compile time only; `never` fits every handler's declared successes. */
function asProblem(response: Response): ProblemResponse {
  return response as ProblemResponse;
}

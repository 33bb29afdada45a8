import type { Problem } from '../../shared/contracts/http/problem.ts';
import { type DomainError, ERRORS } from '../../shared/errors/domain-error.ts';
import { answer } from './answer.ts';
import type { AppContext } from './app-context.ts';
import type { ErrorAnswer } from './dialects/dialect.ts';
import type { UntypedResponse } from './untyped-response.ts';

/** An error as a problem document. */
export function toProblem({ code, detail, errors, limit }: DomainError, requestId: string): Problem {
  const { status, title, retry } = ERRORS[code];
  const type = `urn:eufm:error:${code}`;
  return {
    type,
    title,
    status,
    detail,
    instance: requestId,
    code,
    retry,
    ...(errors && { errors: [...errors] }),
    ...(limit && { limit }),
  };
}

/**
 * Answers with an error: as `application/problem+json` (RFC 9457), or in the shape of the API that the route imitates. The
 * only way in which an error leaves the gateway, but for the last event of a stream.
 */
export function errorResponse(context: AppContext, error: DomainError): UntypedResponse {
  const requestId = context.get('requestId');
  const writeError = context.get('writeError') ?? writeProblem;
  const { status, body, contentType = 'application/json', headers } = writeError(error, requestId);
  const { retryAfterMs } = error;
  context.get('logFields').code = error.code;
  return answer(context, JSON.stringify(body), status, {
    'content-type': contentType,
    ...error.headers,
    ...headers,
    ...(retryAfterMs !== undefined && { 'retry-after': String(Math.ceil(retryAfterMs / 1000)) }),
  });
}

function writeProblem(error: DomainError, requestId: string): ErrorAnswer {
  const { status } = ERRORS[error.code];
  return { status, body: toProblem(error, requestId), contentType: 'application/problem+json' };
}

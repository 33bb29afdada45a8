import type { Problem } from '../../shared/contracts/http/problem.ts';
import { type DomainError, ERRORS } from '../../shared/errors/domain-error.ts';
import type { AppContext } from './app-context.ts';
import { asUntyped, type UntypedResponse } from './untyped-response.ts';

/** An error as a problem document. */
export function toProblem({ code, detail, errors }: DomainError, requestId: string): Problem {
  const { status, title, retry } = ERRORS[code];
  const type = `urn:eufm:error:${code}`;
  return { type, title, status, detail, instance: requestId, code, retry, ...(errors && { errors: [...errors] }) };
}

/** Answers with an error as `application/problem+json` (RFC 9457). The only way in which an error leaves the gateway. */
export function problemResponse(context: AppContext, error: DomainError): UntypedResponse {
  const body = toProblem(error, context.get('requestId'));
  const headers = new Headers({ 'content-type': 'application/problem+json', ...error.headers });
  if (error.retryAfterMs !== undefined) headers.set('retry-after', String(Math.ceil(error.retryAfterMs / 1000)));
  context.get('logFields').code = error.code;
  return asUntyped(context.newResponse(JSON.stringify(body), { status: ERRORS[error.code].status, headers }));
}

import type * as z from 'zod';
import type { AppContext } from './app-context.ts';
import { errorResponse } from './error-response.ts';
import { toFieldErrors } from './field-errors.ts';
import type { UntypedResponse } from './untyped-response.ts';

/** Answers a request that does not fit its schema with one problem that names every field. */
export function refuseInvalid(context: AppContext, issues: readonly z.core.$ZodIssue[]): UntypedResponse {
  const errors = toFieldErrors(issues);
  const names = errors.map(({ pointer, detail }) => `${pointer || 'the body'}: ${detail}`).join('; ');
  return errorResponse(context, { code: 'bad_request', detail: `The request is not valid. ${names}`, errors });
}

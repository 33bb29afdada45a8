import { OpenAPIHono } from '@hono/zod-openapi';
import type { AppTypes } from './app-context.ts';
import { errorResponse } from './error-response.ts';
import { toFieldErrors } from './field-errors.ts';

/** A router whose validators answer a request that does not fit its schema with one problem that names every field. */
export function createRouter(): OpenAPIHono<AppTypes> {
  return new OpenAPIHono<AppTypes>({
    defaultHook: (result, context) => {
      if (result.success) return undefined;
      const errors = toFieldErrors(result.error.issues);
      const names = errors.map(({ pointer, detail }) => `${pointer || 'the body'}: ${detail}`).join('; ');
      return errorResponse(context, { code: 'bad_request', detail: `The request is not valid. ${names}`, errors });
    },
  });
}

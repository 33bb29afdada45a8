import { createMiddleware } from 'hono/factory';
import type { AppTypes } from '../app-context.ts';
import { writeAnthropicError } from '../dialects/anthropic/write-error.ts';
import type { Dialect, WriteError } from '../dialects/dialect.ts';
import { writeOpenAiError } from '../dialects/openai-error.ts';

/** How each of them writes an error. */
export const WRITE_ERROR: Record<Dialect, WriteError> = { openai: writeOpenAiError, anthropic: writeAnthropicError };

/**
 * Makes a route answer as another API does: errors in its shape, and the request's id where its clients look for it.
 * Without a dialect it is Anthropic's for a request that names a version of that API, as all of its clients do.
 */
export function speak(dialect?: Dialect) {
  return createMiddleware<AppTypes>(async (context, next) => {
    const spoken = dialect ?? (context.req.header('anthropic-version') === undefined ? 'openai' : 'anthropic');
    context.set('writeError', WRITE_ERROR[spoken]);
    context.set('dialect', spoken);
    return await next();
  });
}

import { z } from '@hono/zod-openapi';
import { ERRORS, type ErrorCode } from '../../errors/domain-error.ts';
import { publicLimit } from './limits.ts';

const codes = Object.keys(ERRORS) as [ErrorCode, ...ErrorCode[]];

/** Every error body (RFC 9457, `application/problem+json`). */
export const problem = z
  .object({
    type: z.string().openapi({ example: 'urn:eufm:error:model_not_found' }),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    instance: z.string().openapi({ description: 'The request id, as in the X-Request-Id header.' }),
    code: z.enum(codes).openapi({ description: 'Stable; branch on this.' }),
    retry: z.enum(['never', 'later', 'after']).openapi({
      description: 'If the same request may succeed: never, at any later time, or after Retry-After.',
    }),
    errors: z
      .array(z.object({ pointer: z.string(), detail: z.string() }))
      .optional()
      .openapi({ description: 'One entry per wrong field, by JSON pointer (RFC 6901).' }),
    limit: publicLimit.optional().openapi({ description: 'The limit that refused the request, as it stood.' }),
  })
  .openapi('Problem');
export type Problem = z.infer<typeof problem>;

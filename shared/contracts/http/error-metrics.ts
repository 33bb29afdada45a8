import { z } from '@hono/zod-openapi';
import { asOf, outcomePeriodFields, outcomeQueryFields } from './metrics.ts';
import { pageOf } from './page.ts';

export const errorsQuery = z.strictObject(outcomeQueryFields);
export type ErrorsQuery = z.infer<typeof errorsQuery>;

export const errorsPeriod = z.object({
  ...outcomePeriodFields,
  requests: z.int(),
  failed: z.int(),
  errorRate: z.number().openapi({ description: '`failed` of `requests`, from 0 to 1.' }),
  errors: z
    .array(z.object({ errorCode: z.string(), requests: z.int() }))
    .openapi({ description: 'Requests by error code, most first: failed ones, and canceled and estimated ones too.' }),
});
export type ErrorsPeriod = z.infer<typeof errorsPeriod>;

export const errorsList = pageOf(errorsPeriod).extend({ asOf }).openapi('ErrorsList', {
  description:
    'Failures by period, oldest first, then by the dimensions asked for. What has no requests is absent. A page may be shorter than `limit`: only a null `nextCursor` is the end.',
});

import { z } from '@hono/zod-openapi';
import { asOf, rangeFields } from './metrics.ts';

export const statementQuery = z.strictObject({
  month: z
    .string()
    .regex(/^20\d\d-(0[1-9]|1[0-2])$/, { error: 'must be a month of this century, as YYYY-MM' })
    .openapi({ example: '2026-11' }),
  timeZone: rangeFields.timeZone,
});

const costUsd = z.string().openapi({ description: 'US dollars, exact: a decimal with up to 12 decimals.' });
const amountUsd = z.string().openapi({ description: 'US dollars with 2 decimals.', example: '12.34' });

export const statement = z
  .object({
    month: z.string(),
    timeZone: z.string(),
    periodStart: z.iso.datetime(),
    periodEnd: z.iso.datetime(),
    lines: z.array(
      z.object({
        environmentId: z.uuid(),
        provider: z.string(),
        model: z.string(),
        requests: z.int(),
        costUsd,
        amountUsd: amountUsd.openapi({
          description:
            '`costUsd` rounded up or down to cents, less than a cent off, so that the lines sum to the total.',
        }),
      }),
    ),
    requests: z.int(),
    costUsd,
    amountUsd: amountUsd.openapi({ description: '`costUsd` rounded to cents; the sum of the lines’ amounts.' }),
    isFinal: z.boolean().openapi({
      description: '`true`: the month is over and every request in it is counted. Estimates may still be corrected.',
    }),
    asOf,
  })
  .openapi('Statement', { description: 'What a month cost, by environment, provider and model.' });
export type Statement = z.infer<typeof statement>;

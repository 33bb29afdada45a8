import { z } from '@hono/zod-openapi';
import { asOf, filterFields, granularity, groupBy, pageFields, periodFields, rangeFields } from './metrics.ts';
import { pageOf } from './page.ts';

export const cacheQuery = z.strictObject({
  ...rangeFields,
  granularity: granularity.optional().openapi({ description: 'Absent: the whole range as one period.' }),
  groupBy: groupBy(['environment', 'apiKey', 'provider', 'model'], []),
  ...filterFields,
  apiKeyId: z.uuid().optional(),
  ...pageFields,
});

export const cachePeriod = z.object({
  ...periodFields,
  lookups: z.int().openapi({ description: 'Requests that looked for a stored answer and were answered.' }),
  hits: z.int().openapi({ description: 'Those of them that got one.' }),
  hitRate: z.number().openapi({ description: 'Hits by lookups, from 0 to 1.' }),
  savedUsd: z.string().openapi({
    description: 'What those answers cost when they were made: exact, a decimal with up to 12 decimals.',
    example: '1.25',
  }),
  savedTokens: z.number().openapi({ description: 'Tokens that they took then.' }),
  environmentId: z.uuid().optional(),
  apiKeyId: z.uuid().nullable().optional().openapi({ description: 'null: a person’s requests.' }),
  provider: z.string().optional(),
  model: z.string().optional(),
});
export type CachePeriod = z.infer<typeof cachePeriod>;

export const cacheList = pageOf(cachePeriod).extend({ asOf }).openapi('CacheMetricsList', {
  description:
    'Stored answers by period, oldest first, then by the dimensions asked for. Periods without lookups are absent. A page may be shorter than `limit`: only a null `nextCursor` is the end.',
});

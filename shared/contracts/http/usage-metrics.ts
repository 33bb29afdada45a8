import { z } from '@hono/zod-openapi';
import {
  asOf,
  filterFields,
  granularity,
  groupBy,
  pageFields,
  periodFields,
  policyFields,
  policyFilterFields,
  rangeFields,
} from './metrics.ts';
import { pageOf } from './page.ts';

export const usageUnit = z.enum(['requests', 'tokens', 'cost_usd', 'fallbacks']);

export const usageQuery = z.strictObject({
  ...rangeFields,
  unit: usageUnit.default('requests').openapi({
    description: '`fallbacks`: the requests that another candidate of their routing served than the first.',
  }),
  granularity: granularity.default('hour'),
  groupBy: groupBy(['environment', 'apiKey', 'provider', 'model', 'routingPolicy'], []),
  ...filterFields,
  ...policyFilterFields,
  apiKeyId: z.uuid().optional(),
  ...pageFields,
});
export type UsageQuery = z.infer<typeof usageQuery>;

export const usagePeriod = z.object({
  ...periodFields,
  unit: usageUnit,
  value: z.number(),
  costUsd: z.number().openapi({ description: 'What the period cost; with `fallbacks`, what those requests did.' }),
  environmentId: z.uuid().optional(),
  apiKeyId: z.uuid().nullable().optional().openapi({ description: 'null: a person’s requests.' }),
  provider: z.string().optional(),
  model: z.string().optional(),
  ...policyFields,
});
export type UsagePeriod = z.infer<typeof usagePeriod>;

export const usageList = pageOf(usagePeriod).extend({ asOf }).openapi('UsageList', {
  description:
    'Usage by period, oldest first, then by the dimensions asked for. What has nothing of the unit is absent. A page may be shorter than `limit`: only a null `nextCursor` is the end.',
});

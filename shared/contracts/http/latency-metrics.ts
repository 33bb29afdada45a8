import { z } from '@hono/zod-openapi';
import { requestStatus } from '../queues.ts';
import { asOf, outcomePeriodFields, outcomeQueryFields } from './metrics.ts';
import { pageOf } from './page.ts';

export const latencyQuery = z.strictObject({
  ...outcomeQueryFields,
  status: requestStatus.default('completed').openapi({ description: 'Requests that ended so.' }),
});
export type LatencyQuery = z.infer<typeof latencyQuery>;

const quantile = (percent: number) =>
  z.number().openapi({ description: `Milliseconds that ${percent} % of the requests did not exceed, within 2.5 %.` });

export const latencyPeriod = z.object({
  ...outcomePeriodFields,
  count: z.int().openapi({ description: 'Requests whose latency is known.' }),
  p50: quantile(50),
  p95: quantile(95),
  p99: quantile(99),
});
export type LatencyPeriod = z.infer<typeof latencyPeriod>;

export const latencyList = pageOf(latencyPeriod).extend({ asOf }).openapi('LatencyList', {
  description:
    'Latencies by period, oldest first, then by the dimensions asked for. What has no requests is absent. A page may be shorter than `limit`: only a null `nextCursor` is the end.',
});

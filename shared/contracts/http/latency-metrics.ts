import { z } from '@hono/zod-openapi';
import { requestStatus } from '../queues.ts';
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

export const latencyQuery = z.strictObject({
  ...rangeFields,
  granularity: granularity.optional().openapi({ description: 'Absent: the whole range as one period.' }),
  groupBy: groupBy(['environment', 'provider', 'model', 'routingPolicy'], ['provider', 'model']),
  status: requestStatus.default('completed').openapi({ description: 'Requests that ended so.' }),
  ...filterFields,
  ...policyFilterFields,
  ...pageFields,
});
export type LatencyQuery = z.infer<typeof latencyQuery>;

const quantile = (percent: number) =>
  z.number().openapi({ description: `Milliseconds that ${percent} % of the requests did not exceed, within 2.5 %.` });

export const latencyPeriod = z.object({
  ...periodFields,
  environmentId: z.uuid().optional(),
  provider: z.string().optional(),
  model: z.string().optional(),
  ...policyFields,
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

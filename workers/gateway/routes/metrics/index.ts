import { createRouter } from '../../create-router.ts';
import { getCacheMetricsRoute, handleGetCacheMetrics } from './get-cache.ts';
import { getErrorsRoute, handleGetErrors } from './get-errors.ts';
import { getLatencyRoute, handleGetLatency } from './get-latency.ts';
import { getStatementRoute, handleGetStatement } from './get-statement.ts';
import { getUsageRoute, handleGetUsage } from './get-usage.ts';

export const metricsRoutes = createRouter()
  .openapi(getUsageRoute, handleGetUsage)
  .openapi(getLatencyRoute, handleGetLatency)
  .openapi(getErrorsRoute, handleGetErrors)
  .openapi(getCacheMetricsRoute, handleGetCacheMetrics)
  .openapi(getStatementRoute, handleGetStatement);

import { createRouter } from '../../create-router.ts';
import { getUsageRoute, handleGetUsage } from './get-usage.ts';

export const metricsRoutes = createRouter().openapi(getUsageRoute, handleGetUsage);

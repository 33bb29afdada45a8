import { createRouter } from '../../create-router.ts';
import { getHealthRoute, handleGetHealth } from './get-health.ts';
import { getReadinessRoute, handleGetReadiness } from './get-readiness.ts';

export const platformRoutes = createRouter()
  .openapi(getHealthRoute, handleGetHealth)
  .openapi(getReadinessRoute, handleGetReadiness);

import { createRouter } from '../../create-router.ts';
import { createRateLimitRoute, handleCreateRateLimit } from './create.ts';
import { deleteRateLimitRoute, handleDeleteRateLimit } from './delete.ts';
import { getRateLimitRoute, handleGetRateLimit } from './get.ts';
import { handleListRateLimits, listRateLimitsRoute } from './list.ts';
import { handleUpdateRateLimit, updateRateLimitRoute } from './update.ts';

export const rateLimitRoutes = createRouter()
  .openapi(listRateLimitsRoute, handleListRateLimits)
  .openapi(createRateLimitRoute, handleCreateRateLimit)
  .openapi(getRateLimitRoute, handleGetRateLimit)
  .openapi(updateRateLimitRoute, handleUpdateRateLimit)
  .openapi(deleteRateLimitRoute, handleDeleteRateLimit);

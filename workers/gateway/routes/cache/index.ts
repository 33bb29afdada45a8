import { createRouter } from '../../create-router.ts';
import { handlePurgeCache, purgeCacheRoute } from './purge.ts';

export const cacheRoutes = createRouter().openapi(purgeCacheRoute, handlePurgeCache);

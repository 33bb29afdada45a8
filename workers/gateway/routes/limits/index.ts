import { createRouter } from '../../create-router.ts';
import { handleListLimits, listLimitsRoute } from './list.ts';

export const limitRoutes = createRouter().openapi(listLimitsRoute, handleListLimits);

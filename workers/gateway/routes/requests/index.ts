import { createRouter } from '../../create-router.ts';
import { getRequestRoute, handleGetRequest } from './get.ts';
import { handleListRequests, listRequestsRoute } from './list.ts';

export const requestRoutes = createRouter()
  .openapi(listRequestsRoute, handleListRequests)
  .openapi(getRequestRoute, handleGetRequest);

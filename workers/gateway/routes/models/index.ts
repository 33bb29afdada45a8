import { createRouter } from '../../create-router.ts';
import { getModelRoute, handleGetModel } from './get.ts';
import { handleListModels, listModelsRoute } from './list.ts';

export const modelRoutes = createRouter()
  .openapi(listModelsRoute, handleListModels)
  .openapi(getModelRoute, handleGetModel);

import { createRouter } from '../../create-router.ts';
import { createResponseRoute, handleCreateResponse } from './create.ts';

export const responseRoutes = createRouter().openapi(createResponseRoute, handleCreateResponse);

import { createRouter } from '../../create-router.ts';
import { getMeRoute, handleGetMe } from './get.ts';

export const meRoutes = createRouter().openapi(getMeRoute, handleGetMe);

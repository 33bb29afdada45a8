import { createRouter } from '../../create-router.ts';
import { createCompletionRoute, handleCreateCompletion } from './create.ts';

export const completionRoutes = createRouter().openapi(createCompletionRoute, handleCreateCompletion);

import { createRouter } from '../../create-router.ts';
import { createChatCompletionRoute, handleCreateChatCompletion } from './create.ts';

export const chatCompletionRoutes = createRouter().openapi(createChatCompletionRoute, handleCreateChatCompletion);

import { createRouter } from '../../create-router.ts';
import { countTokensRoute, handleCountTokens } from './count-tokens.ts';
import { createMessageRoute, handleCreateMessage } from './create.ts';

export const messageRoutes = createRouter()
  .openapi(createMessageRoute, handleCreateMessage)
  .openapi(countTokensRoute, handleCountTokens);

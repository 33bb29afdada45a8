import { createRouter } from '../../create-router.ts';
import { createApiKeyRoute, handleCreateApiKey } from './create.ts';
import { getApiKeyRoute, handleGetApiKey } from './get.ts';
import { handleListApiKeys, listApiKeysRoute } from './list.ts';
import { handleRevokeApiKey, revokeApiKeyRoute } from './revoke.ts';
import { handleRotateApiKey, rotateApiKeyRoute } from './rotate.ts';
import { handleUpdateApiKey, updateApiKeyRoute } from './update.ts';

export const apiKeyRoutes = createRouter()
  .openapi(listApiKeysRoute, handleListApiKeys)
  .openapi(createApiKeyRoute, handleCreateApiKey)
  .openapi(getApiKeyRoute, handleGetApiKey)
  .openapi(updateApiKeyRoute, handleUpdateApiKey)
  .openapi(revokeApiKeyRoute, handleRevokeApiKey)
  .openapi(rotateApiKeyRoute, handleRotateApiKey);

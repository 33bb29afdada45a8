import { createRouter } from '../../create-router.ts';
import { createSecretRoute, handleCreateSecret } from './create.ts';
import { deleteSecretRoute, handleDeleteSecret } from './delete.ts';
import { handleListSecrets, listSecretsRoute } from './list.ts';
import { handleUpdateSecret, updateSecretRoute } from './update.ts';

export const secretRoutes = createRouter()
  .openapi(listSecretsRoute, handleListSecrets)
  .openapi(createSecretRoute, handleCreateSecret)
  .openapi(updateSecretRoute, handleUpdateSecret)
  .openapi(deleteSecretRoute, handleDeleteSecret);

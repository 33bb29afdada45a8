import { createRouter } from '../../create-router.ts';
import { createEnvironmentRoute, handleCreateEnvironment } from './create.ts';
import { deleteEnvironmentRoute, handleDeleteEnvironment } from './delete.ts';
import { handleListEnvironments, listEnvironmentsRoute } from './list.ts';
import { handleUpdateEnvironment, updateEnvironmentRoute } from './update.ts';

export const environmentRoutes = createRouter()
  .openapi(listEnvironmentsRoute, handleListEnvironments)
  .openapi(createEnvironmentRoute, handleCreateEnvironment)
  .openapi(updateEnvironmentRoute, handleUpdateEnvironment)
  .openapi(deleteEnvironmentRoute, handleDeleteEnvironment);

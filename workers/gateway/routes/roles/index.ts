import { createRouter } from '../../create-router.ts';
import { createRoleRoute, handleCreateRole } from './create.ts';
import { deleteRoleRoute, handleDeleteRole } from './delete.ts';
import { handleListRoles, listRolesRoute } from './list.ts';
import { handleUpdateRole, updateRoleRoute } from './update.ts';

export const roleRoutes = createRouter()
  .openapi(listRolesRoute, handleListRoles)
  .openapi(createRoleRoute, handleCreateRole)
  .openapi(updateRoleRoute, handleUpdateRole)
  .openapi(deleteRoleRoute, handleDeleteRole);

import { createRouter } from '../../create-router.ts';
import { checkPermissionsRoute, handleCheckPermissions } from './check.ts';
import { handleListPermissions, listPermissionsRoute } from './list.ts';

export const permissionRoutes = createRouter()
  .openapi(listPermissionsRoute, handleListPermissions)
  .openapi(checkPermissionsRoute, handleCheckPermissions);

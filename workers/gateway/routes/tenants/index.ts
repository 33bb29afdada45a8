import { createRouter } from '../../create-router.ts';
import { createTenantRoute, handleCreateTenant } from './create.ts';
import { deleteTenantRoute, handleDeleteTenant } from './delete.ts';
import { exportTenantRoute, handleExportTenant } from './export.ts';
import { getTenantRoute, handleGetTenant } from './get.ts';
import { handleLeaveTenant, leaveTenantRoute } from './leave.ts';
import { handleListTenants, listTenantsRoute } from './list.ts';
import { handleRestoreTenant, restoreTenantRoute } from './restore.ts';
import { handleResumeTenant, resumeTenantRoute } from './resume.ts';
import { handleSuspendTenant, suspendTenantRoute } from './suspend.ts';
import { handleUpdateTenant, updateTenantRoute } from './update.ts';

export const tenantRoutes = createRouter()
  .openapi(listTenantsRoute, handleListTenants)
  .openapi(createTenantRoute, handleCreateTenant)
  .openapi(getTenantRoute, handleGetTenant)
  .openapi(updateTenantRoute, handleUpdateTenant)
  .openapi(deleteTenantRoute, handleDeleteTenant)
  .openapi(suspendTenantRoute, handleSuspendTenant)
  .openapi(resumeTenantRoute, handleResumeTenant)
  .openapi(restoreTenantRoute, handleRestoreTenant)
  .openapi(exportTenantRoute, handleExportTenant)
  .openapi(leaveTenantRoute, handleLeaveTenant);

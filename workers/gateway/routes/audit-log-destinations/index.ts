import { createRouter } from '../../create-router.ts';
import { createAuditLogDestinationRoute, handleCreateAuditLogDestination } from './create.ts';
import { deleteAuditLogDestinationRoute, handleDeleteAuditLogDestination } from './delete.ts';
import { handleListAuditLogDestinations, listAuditLogDestinationsRoute } from './list.ts';

export const auditLogDestinationRoutes = createRouter()
  .openapi(listAuditLogDestinationsRoute, handleListAuditLogDestinations)
  .openapi(createAuditLogDestinationRoute, handleCreateAuditLogDestination)
  .openapi(deleteAuditLogDestinationRoute, handleDeleteAuditLogDestination);

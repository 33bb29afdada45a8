import { createRouter } from '../../create-router.ts';
import { handleListAuditLogs, listAuditLogsRoute } from './list.ts';

export const auditLogRoutes = createRouter().openapi(listAuditLogsRoute, handleListAuditLogs);

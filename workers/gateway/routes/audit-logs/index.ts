import { createRouter } from '../../create-router.ts';
import { exportAuditLogRoute, handleExportAuditLog } from './export.ts';
import { getAuditLogRoute, handleGetAuditLog } from './get.ts';
import { getAuditKeysRoute, handleGetAuditKeys } from './get-keys.ts';
import { getAuditProofRoute, handleGetAuditProof } from './get-proof.ts';
import { handleListAuditLogs, listAuditLogsRoute } from './list.ts';
import { handleListAuditCheckpoints, listAuditCheckpointsRoute } from './list-checkpoints.ts';

export const auditLogRoutes = createRouter()
  .openapi(listAuditLogsRoute, handleListAuditLogs)
  .openapi(exportAuditLogRoute, handleExportAuditLog)
  .openapi(listAuditCheckpointsRoute, handleListAuditCheckpoints)
  .openapi(getAuditLogRoute, handleGetAuditLog)
  .openapi(getAuditProofRoute, handleGetAuditProof)
  .openapi(getAuditKeysRoute, handleGetAuditKeys);

import { createRoute, type RouteHandler } from '@hono/zod-openapi';
import { auditEntry, auditParams } from '../../../../shared/contracts/http/audit-logs.ts';
import { getAuditLog } from '../../../../shared/services/get-audit-log.ts';
import type { AppTypes } from '../../app-context.ts';
import { NOT_FOUND } from '../../configuration/apply-change.ts';
import { readRecord } from '../../configuration/read-record.ts';
import { errorResponse } from '../../error-response.ts';
import { jsonAnswer, TENANT_SECURITY, tenantErrors, tenantHeaders, tenantRoute } from '../route-config.ts';

export const getAuditLogRoute = createRoute({
  method: 'get',
  path: '/v1/audit-logs/{id}',
  operationId: 'getAuditLog',
  tags: ['Access'],
  summary: 'One entry of the audit log',
  security: TENANT_SECURITY,
  middleware: tenantRoute('audit:read'),
  request: { headers: tenantHeaders, params: auditParams },
  responses: {
    200: jsonAnswer('The entry.', auditEntry),
    ...tenantErrors(['not_found']),
  },
});

export const handleGetAuditLog: RouteHandler<typeof getAuditLogRoute, AppTypes> = async (context) => {
  const { id } = context.req.valid('param');
  const { tenantId } = context.get('tenant');
  const { db } = context.get('ports');
  const found = await readRecord(context, () => getAuditLog({ db, tenantId, id }));
  if (!found.ok) return errorResponse(context, found.error);
  return found.value ? context.json(found.value, 200) : errorResponse(context, NOT_FOUND);
};

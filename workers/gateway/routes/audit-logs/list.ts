import { createRoute, type RouteHandler } from '@hono/zod-openapi';
import { auditList, auditQuery } from '../../../../shared/contracts/http/audit-logs.ts';
import { listAuditLogs } from '../../../../shared/services/list-audit-logs.ts';
import type { AppTypes } from '../../app-context.ts';
import { readRecord } from '../../configuration/read-record.ts';
import { errorResponse } from '../../error-response.ts';
import { jsonAnswer, TENANT_SECURITY, tenantErrors, tenantHeaders, tenantRoute } from '../route-config.ts';

export const listAuditLogsRoute = createRoute({
  method: 'get',
  path: '/v1/audit-logs',
  operationId: 'listAuditLogs',
  tags: ['Access'],
  summary: 'What happened',
  description: 'Every change, who made it and what it changed, newest first. Filters narrow each other.',
  security: TENANT_SECURITY,
  middleware: tenantRoute('audit:read'),
  request: { headers: tenantHeaders, query: auditQuery },
  responses: {
    200: jsonAnswer('A page of entries.', auditList),
    ...tenantErrors(),
  },
});

export const handleListAuditLogs: RouteHandler<typeof listAuditLogsRoute, AppTypes> = async (context) => {
  const query = context.req.valid('query');
  const { tenantId } = context.get('tenant');
  const { db } = context.get('ports');
  const listed = await readRecord(context, () => listAuditLogs({ db, tenantId, query }));
  return listed.ok ? context.json(listed.value, 200) : errorResponse(context, listed.error);
};

import { createRoute, type RouteHandler } from '@hono/zod-openapi';
import { auditLogDestinationList } from '../../../../shared/contracts/http/audit-log-destinations.ts';
import { pageQuery } from '../../../../shared/contracts/http/page.ts';
import { listAuditLogDestinations } from '../../../../shared/services/list-audit-log-destinations.ts';
import type { AppTypes } from '../../app-context.ts';
import { readRecord } from '../../configuration/read-record.ts';
import { errorResponse } from '../../error-response.ts';
import { jsonAnswer, TENANT_SECURITY, tenantErrors, tenantHeaders, tenantRoute } from '../route-config.ts';

export const listAuditLogDestinationsRoute = createRoute({
  method: 'get',
  path: '/v1/audit-log-destinations',
  operationId: 'listAuditLogDestinations',
  tags: ['Access'],
  summary: 'List where checkpoints of the audit log are sent',
  description: 'And how far each delivery is.',
  security: TENANT_SECURITY,
  middleware: tenantRoute('audit:read'),
  request: { headers: tenantHeaders, query: pageQuery },
  responses: {
    200: jsonAnswer('A page of destinations.', auditLogDestinationList),
    ...tenantErrors(),
  },
});

export const handleListAuditLogDestinations: RouteHandler<typeof listAuditLogDestinationsRoute, AppTypes> = async (
  context,
) => {
  const page = context.req.valid('query');
  const { tenantId } = context.get('tenant');
  const { db } = context.get('ports');
  const listed = await readRecord(context, () => listAuditLogDestinations({ db, tenantId, page }));
  return listed.ok ? context.json(listed.value, 200) : errorResponse(context, listed.error);
};

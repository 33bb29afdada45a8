import { createRoute, type RouteHandler, z } from '@hono/zod-openapi';
import { deleteAuditLogDestination } from '../../../../shared/services/delete-audit-log-destination.ts';
import type { AppTypes } from '../../app-context.ts';
import { applyChange } from '../../configuration/apply-change.ts';
import { errorResponse } from '../../error-response.ts';
import { TENANT_SECURITY, tenantErrors, tenantHeaders, tenantRoute } from '../route-config.ts';

export const deleteAuditLogDestinationRoute = createRoute({
  method: 'delete',
  path: '/v1/audit-log-destinations/{id}',
  operationId: 'deleteAuditLogDestination',
  tags: ['Access'],
  summary: 'End deliveries to a destination',
  description: 'What was not delivered is not sent any more. `GET /v1/audit-logs/checkpoints` has it.',
  security: TENANT_SECURITY,
  middleware: tenantRoute('tenants:write'),
  request: { headers: tenantHeaders, params: z.object({ id: z.uuid() }) },
  responses: {
    204: { description: 'It is gone.' },
    ...tenantErrors(['not_found']),
  },
});

export const handleDeleteAuditLogDestination: RouteHandler<typeof deleteAuditLogDestinationRoute, AppTypes> = async (
  context,
) => {
  const { id } = context.req.valid('param');
  const deleted = await applyChange(context, (by) => deleteAuditLogDestination(by, id));
  return deleted.ok ? context.body(null, 204) : errorResponse(context, deleted.error);
};

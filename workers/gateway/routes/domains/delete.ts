import { createRoute, type RouteHandler, z } from '@hono/zod-openapi';
import { deleteDomain } from '../../../../shared/services/change-domain.ts';
import type { AppTypes } from '../../app-context.ts';
import { applyChange } from '../../configuration/apply-change.ts';
import { errorResponse } from '../../error-response.ts';
import { TENANT_SECURITY, tenantErrors, tenantHeaders, tenantRoute } from '../route-config.ts';

export const deleteDomainRoute = createRoute({
  method: 'delete',
  path: '/v1/domains/{id}',
  operationId: 'deleteDomain',
  tags: ['Access'],
  summary: 'Remove a domain',
  description: 'Nobody joins by it any more, and another tenant may prove it. Who has joined stays a member.',
  security: TENANT_SECURITY,
  middleware: tenantRoute('members:write'),
  request: { headers: tenantHeaders, params: z.object({ id: z.uuid() }) },
  responses: {
    204: { description: 'It is gone.' },
    ...tenantErrors(['not_found']),
  },
});

export const handleDeleteDomain: RouteHandler<typeof deleteDomainRoute, AppTypes> = async (context) => {
  const { id } = context.req.valid('param');
  const deleted = await applyChange(context, (by) => deleteDomain(by, id));
  return deleted.ok ? context.body(null, 204) : errorResponse(context, deleted.error);
};

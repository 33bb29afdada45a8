import { createRoute, type RouteHandler, z } from '@hono/zod-openapi';
import { deleteEnvironment } from '../../../../shared/services/delete-environment.ts';
import type { AppTypes } from '../../app-context.ts';
import { applyChange } from '../../configuration/apply-change.ts';
import { errorResponse } from '../../error-response.ts';
import { TENANT_SECURITY, tenantErrors, tenantHeaders, tenantRoute } from '../route-config.ts';

export const deleteEnvironmentRoute = createRoute({
  method: 'delete',
  path: '/v1/environments/{id}',
  operationId: 'deleteEnvironment',
  tags: ['Environments'],
  summary: 'Remove an environment',
  description:
    'Only where nothing belongs to it: no key, revoked ones too, no rate limit, no identity provider and no request.',
  security: TENANT_SECURITY,
  middleware: tenantRoute('tenants:write'),
  request: { headers: tenantHeaders, params: z.object({ id: z.uuid() }) },
  responses: {
    204: { description: 'It is gone.' },
    ...tenantErrors(['not_found', 'conflict']),
  },
});

export const handleDeleteEnvironment: RouteHandler<typeof deleteEnvironmentRoute, AppTypes> = async (context) => {
  const { id } = context.req.valid('param');
  const deleted = await applyChange(context, (by) => deleteEnvironment(by, id));
  return deleted.ok ? context.body(null, 204) : errorResponse(context, deleted.error);
};

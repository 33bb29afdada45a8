import { createRoute, type RouteHandler, z } from '@hono/zod-openapi';
import { environment, environmentChange } from '../../../../shared/contracts/http/environments.ts';
import { updateEnvironment } from '../../../../shared/services/update-environment.ts';
import type { AppTypes } from '../../app-context.ts';
import { applyChange } from '../../configuration/apply-change.ts';
import { errorResponse } from '../../error-response.ts';
import { jsonAnswer, TENANT_SECURITY, tenantBodyErrors, tenantBodyRoute, tenantHeaders } from '../route-config.ts';

export const updateEnvironmentRoute = createRoute({
  method: 'patch',
  path: '/v1/environments/{id}',
  operationId: 'updateEnvironment',
  tags: ['Environments'],
  summary: 'Give an environment another name',
  description: 'Its type is part of its keys and stays.',
  security: TENANT_SECURITY,
  middleware: tenantBodyRoute('tenants:write'),
  request: {
    headers: tenantHeaders,
    params: z.object({ id: z.uuid() }),
    body: { required: true, content: { 'application/json': { schema: environmentChange } } },
  },
  responses: {
    200: jsonAnswer('The environment as it is now.', environment),
    ...tenantBodyErrors(['not_found', 'already_exists']),
  },
});

export const handleUpdateEnvironment: RouteHandler<typeof updateEnvironmentRoute, AppTypes> = async (context) => {
  const { id } = context.req.valid('param');
  const change = context.req.valid('json');
  const updated = await applyChange(context, (by) => updateEnvironment(by, id, change));
  return updated.ok ? context.json(updated.value, 200) : errorResponse(context, updated.error);
};

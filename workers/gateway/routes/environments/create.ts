import { createRoute, type RouteHandler } from '@hono/zod-openapi';
import { environment, environmentInput } from '../../../../shared/contracts/http/environments.ts';
import { createEnvironment } from '../../../../shared/services/create-environment.ts';
import type { AppTypes } from '../../app-context.ts';
import { applyChange } from '../../configuration/apply-change.ts';
import { errorResponse } from '../../error-response.ts';
import { jsonAnswer, TENANT_SECURITY, tenantBodyErrors, tenantBodyRoute, tenantHeaders } from '../route-config.ts';

export const createEnvironmentRoute = createRoute({
  method: 'post',
  path: '/v1/environments',
  operationId: 'createEnvironment',
  tags: ['Environments'],
  summary: 'Add an environment',
  description: 'Keys and requests belong to one environment, limits may.',
  security: TENANT_SECURITY,
  middleware: tenantBodyRoute('tenants:write'),
  request: {
    headers: tenantHeaders,
    body: { required: true, content: { 'application/json': { schema: environmentInput } } },
  },
  responses: {
    201: jsonAnswer('The environment.', environment),
    ...tenantBodyErrors(['already_exists']),
  },
});

export const handleCreateEnvironment: RouteHandler<typeof createEnvironmentRoute, AppTypes> = async (context) => {
  const input = context.req.valid('json');
  const created = await applyChange(context, (by) => createEnvironment(by, input));
  return created.ok ? context.json(created.value, 201) : errorResponse(context, created.error);
};

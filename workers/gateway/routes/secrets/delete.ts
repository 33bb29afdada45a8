import { createRoute, type RouteHandler, z } from '@hono/zod-openapi';
import { deleteSecret } from '../../../../shared/services/delete-secret.ts';
import type { AppTypes } from '../../app-context.ts';
import { applyChange } from '../../configuration/apply-change.ts';
import { errorResponse } from '../../error-response.ts';
import { TENANT_SECURITY, tenantErrors, tenantHeaders, tenantRoute } from '../route-config.ts';

export const deleteSecretRoute = createRoute({
  method: 'delete',
  path: '/v1/secrets/{id}',
  operationId: 'deleteSecret',
  tags: ['Secrets'],
  summary: 'Remove a secret',
  description: 'Its value is gone.',
  security: TENANT_SECURITY,
  middleware: tenantRoute('providers:write'),
  request: { headers: tenantHeaders, params: z.object({ id: z.uuid() }) },
  responses: {
    204: { description: 'It is gone.' },
    ...tenantErrors(['not_found']),
  },
});

export const handleDeleteSecret: RouteHandler<typeof deleteSecretRoute, AppTypes> = async (context) => {
  const { id } = context.req.valid('param');
  const deleted = await applyChange(context, (by) => deleteSecret(by, id));
  return deleted.ok ? context.body(null, 204) : errorResponse(context, deleted.error);
};

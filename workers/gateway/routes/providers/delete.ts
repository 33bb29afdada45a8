import { createRoute, type RouteHandler, z } from '@hono/zod-openapi';
import { deleteProviderAccount } from '../../../../shared/services/delete-provider-account.ts';
import type { AppTypes } from '../../app-context.ts';
import { applyChange } from '../../configuration/apply-change.ts';
import { errorResponse } from '../../error-response.ts';
import { TENANT_SECURITY, tenantErrors, tenantHeaders, tenantRoute } from '../route-config.ts';

export const deleteProviderAccountRoute = createRoute({
  method: 'delete',
  path: '/v1/providers/{id}',
  operationId: 'deleteProviderAccount',
  tags: ['Providers'],
  summary: 'Disconnect a provider account',
  description: 'Its credentials are gone, and within five seconds no request is sent with them.',
  security: TENANT_SECURITY,
  middleware: tenantRoute('providers:write'),
  request: { headers: tenantHeaders, params: z.object({ id: z.uuid() }) },
  responses: {
    204: { description: 'It is gone.' },
    ...tenantErrors(['not_found']),
  },
});

export const handleDeleteProviderAccount: RouteHandler<typeof deleteProviderAccountRoute, AppTypes> = async (
  context,
) => {
  const { id } = context.req.valid('param');
  const deleted = await applyChange(context, (by) => deleteProviderAccount(by, id));
  return deleted.ok ? context.body(null, 204) : errorResponse(context, deleted.error);
};

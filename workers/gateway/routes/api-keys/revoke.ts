import { createRoute, type RouteHandler, z } from '@hono/zod-openapi';
import { revokeApiKey } from '../../../../shared/services/revoke-api-key.ts';
import type { AppTypes } from '../../app-context.ts';
import { applyChange } from '../../configuration/apply-change.ts';
import { errorResponse } from '../../error-response.ts';
import { TENANT_SECURITY, tenantErrors, tenantHeaders, tenantRoute } from '../route-config.ts';

export const revokeApiKeyRoute = createRoute({
  method: 'delete',
  path: '/v1/api-keys/{id}',
  operationId: 'revokeApiKey',
  tags: ['API keys'],
  summary: 'Revoke an API key',
  description: 'For good: it is refused everywhere within seconds. It stays in the list, as revoked.',
  security: TENANT_SECURITY,
  middleware: tenantRoute('keys:write'),
  request: { headers: tenantHeaders, params: z.object({ id: z.uuid() }) },
  responses: {
    204: { description: 'It is revoked.' },
    ...tenantErrors(['not_found']),
  },
});

export const handleRevokeApiKey: RouteHandler<typeof revokeApiKeyRoute, AppTypes> = async (context) => {
  const { id } = context.req.valid('param');
  const revoked = await applyChange(context, (by) => revokeApiKey(by, id));
  return revoked.ok ? context.body(null, 204) : errorResponse(context, revoked.error);
};

import { createRoute, type RouteHandler, z } from '@hono/zod-openapi';
import { providerAccount, providerAccountChange } from '../../../../shared/contracts/http/providers.ts';
import { updateProviderAccount } from '../../../../shared/services/update-provider-account.ts';
import type { AppTypes } from '../../app-context.ts';
import { applyChange } from '../../configuration/apply-change.ts';
import { errorResponse } from '../../error-response.ts';
import { jsonAnswer, TENANT_SECURITY, tenantBodyErrors, tenantBodyRoute, tenantHeaders } from '../route-config.ts';

export const updateProviderAccountRoute = createRoute({
  method: 'patch',
  path: '/v1/providers/{id}',
  operationId: 'updateProviderAccount',
  tags: ['Providers'],
  summary: 'Rename a provider account',
  description: 'Credentials, and where they are sent, are replaced with `POST /v1/providers/{id}/rotate`.',
  security: TENANT_SECURITY,
  middleware: tenantBodyRoute('providers:write'),
  request: {
    headers: tenantHeaders,
    params: z.object({ id: z.uuid() }),
    body: { required: true, content: { 'application/json': { schema: providerAccountChange } } },
  },
  responses: {
    200: jsonAnswer('The account as it is now.', providerAccount),
    ...tenantBodyErrors(['not_found', 'already_exists']),
  },
});

export const handleUpdateProviderAccount: RouteHandler<typeof updateProviderAccountRoute, AppTypes> = async (
  context,
) => {
  const { id } = context.req.valid('param');
  const change = context.req.valid('json');
  const updated = await applyChange(context, (by) => updateProviderAccount(by, id, change));
  return updated.ok ? context.json(updated.value, 200) : errorResponse(context, updated.error);
};

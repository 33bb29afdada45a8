import { createRoute, type RouteHandler, z } from '@hono/zod-openapi';
import { providerAccount } from '../../../../shared/contracts/http/providers.ts';
import { getProviderAccount } from '../../../../shared/services/list-provider-accounts.ts';
import type { AppTypes } from '../../app-context.ts';
import { NOT_FOUND } from '../../configuration/apply-change.ts';
import { readRecord } from '../../configuration/read-record.ts';
import { errorResponse } from '../../error-response.ts';
import { jsonAnswer, TENANT_SECURITY, tenantErrors, tenantHeaders, tenantRoute } from '../route-config.ts';

export const getProviderAccountRoute = createRoute({
  method: 'get',
  path: '/v1/providers/{id}',
  operationId: 'getProviderAccount',
  tags: ['Providers'],
  summary: 'Get a provider account',
  description: 'Without its credentials.',
  security: TENANT_SECURITY,
  middleware: tenantRoute('providers:read'),
  request: { headers: tenantHeaders, params: z.object({ id: z.uuid() }) },
  responses: {
    200: jsonAnswer('The account.', providerAccount),
    ...tenantErrors(['not_found']),
  },
});

export const handleGetProviderAccount: RouteHandler<typeof getProviderAccountRoute, AppTypes> = async (context) => {
  const { id } = context.req.valid('param');
  const { tenantId } = context.get('tenant');
  const { db } = context.get('ports');
  const found = await readRecord(context, () => getProviderAccount({ db, tenantId, id }));
  if (!found.ok) return errorResponse(context, found.error);
  return found.value ? context.json(found.value, 200) : errorResponse(context, NOT_FOUND);
};

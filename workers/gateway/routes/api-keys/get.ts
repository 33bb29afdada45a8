import { createRoute, type RouteHandler, z } from '@hono/zod-openapi';
import { apiKey } from '../../../../shared/contracts/http/api-keys.ts';
import { getApiKey } from '../../../../shared/services/get-api-key.ts';
import type { AppTypes } from '../../app-context.ts';
import { NOT_FOUND } from '../../configuration/apply-change.ts';
import { readRecord } from '../../configuration/read-record.ts';
import { errorResponse } from '../../error-response.ts';
import { jsonAnswer, TENANT_SECURITY, tenantErrors, tenantHeaders, tenantRoute } from '../route-config.ts';

export const getApiKeyRoute = createRoute({
  method: 'get',
  path: '/v1/api-keys/{id}',
  operationId: 'getApiKey',
  tags: ['API keys'],
  summary: 'Get an API key',
  description: 'Without the key itself, which is stored nowhere.',
  security: TENANT_SECURITY,
  middleware: tenantRoute('keys:read'),
  request: { headers: tenantHeaders, params: z.object({ id: z.uuid() }) },
  responses: {
    200: jsonAnswer('The API key.', apiKey),
    ...tenantErrors(['not_found']),
  },
});

export const handleGetApiKey: RouteHandler<typeof getApiKeyRoute, AppTypes> = async (context) => {
  const { id } = context.req.valid('param');
  const { tenantId } = context.get('tenant');
  const { db } = context.get('ports');
  const found = await readRecord(context, () => getApiKey({ db, tenantId, id }));
  if (!found.ok) return errorResponse(context, found.error);
  return found.value ? context.json(found.value, 200) : errorResponse(context, NOT_FOUND);
};

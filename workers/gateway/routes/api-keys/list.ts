import { createRoute, type RouteHandler } from '@hono/zod-openapi';
import { apiKeyList, apiKeyQuery } from '../../../../shared/contracts/http/api-keys.ts';
import { listApiKeys } from '../../../../shared/services/list-api-keys.ts';
import type { AppTypes } from '../../app-context.ts';
import { readRecord } from '../../configuration/read-record.ts';
import { errorResponse } from '../../error-response.ts';
import { jsonAnswer, TENANT_SECURITY, tenantErrors, tenantHeaders, tenantRoute } from '../route-config.ts';

export const listApiKeysRoute = createRoute({
  method: 'get',
  path: '/v1/api-keys',
  operationId: 'listApiKeys',
  tags: ['API keys'],
  summary: 'List the tenant’s API keys',
  description: 'Expired and revoked ones too, unless a `status` is asked for.',
  security: TENANT_SECURITY,
  middleware: tenantRoute('keys:read'),
  request: { headers: tenantHeaders, query: apiKeyQuery },
  responses: {
    200: jsonAnswer('A page of API keys.', apiKeyList),
    ...tenantErrors(),
  },
});

export const handleListApiKeys: RouteHandler<typeof listApiKeysRoute, AppTypes> = async (context) => {
  const query = context.req.valid('query');
  const { tenantId } = context.get('tenant');
  const { db } = context.get('ports');
  const listed = await readRecord(context, () => listApiKeys({ db, tenantId, query }));
  return listed.ok ? context.json(listed.value, 200) : errorResponse(context, listed.error);
};

import { createRoute, type RouteHandler } from '@hono/zod-openapi';
import { apiKeyInput, createdApiKey } from '../../../../shared/contracts/http/api-keys.ts';
import { createApiKey } from '../../../../shared/services/create-api-key.ts';
import type { AppTypes } from '../../app-context.ts';
import { applyChange } from '../../configuration/apply-change.ts';
import { errorResponse } from '../../error-response.ts';
import { jsonAnswer, TENANT_SECURITY, tenantBodyErrors, tenantBodyRoute, tenantHeaders } from '../route-config.ts';
import { keyMaker } from './key-maker.ts';

export const createApiKeyRoute = createRoute({
  method: 'post',
  path: '/v1/api-keys',
  operationId: 'createApiKey',
  tags: ['API keys'],
  summary: 'Make an API key',
  description:
    'The answer shows the key this once. Nobody can give a key rights that they do not have; who uses a key gives none beyond its environment, time, addresses and models either.',
  security: TENANT_SECURITY,
  middleware: tenantBodyRoute('keys:write'),
  request: {
    headers: tenantHeaders,
    body: { required: true, content: { 'application/json': { schema: apiKeyInput } } },
  },
  responses: {
    201: jsonAnswer('The key. It works from now on.', createdApiKey),
    ...tenantBodyErrors(['already_exists']),
  },
});

export const handleCreateApiKey: RouteHandler<typeof createApiKeyRoute, AppTypes> = async (context) => {
  const input = context.req.valid('json');
  const created = await applyChange(context, (by) => createApiKey(by, keyMaker(context), input));
  return created.ok ? context.json(created.value, 201) : errorResponse(context, created.error);
};

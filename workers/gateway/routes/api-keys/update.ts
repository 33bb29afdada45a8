import { createRoute, type RouteHandler, z } from '@hono/zod-openapi';
import { apiKey, apiKeyChange } from '../../../../shared/contracts/http/api-keys.ts';
import { updateApiKey } from '../../../../shared/services/update-api-key.ts';
import type { AppTypes } from '../../app-context.ts';
import { applyChange } from '../../configuration/apply-change.ts';
import { errorResponse } from '../../error-response.ts';
import { jsonAnswer, TENANT_SECURITY, tenantBodyErrors, tenantBodyRoute, tenantHeaders } from '../route-config.ts';
import { keyMaker } from './key-maker.ts';

export const updateApiKeyRoute = createRoute({
  method: 'patch',
  path: '/v1/api-keys/{id}',
  operationId: 'updateApiKey',
  tags: ['API keys'],
  summary: 'Change an API key',
  description:
    'Fields that the body does not name stay as they are. You need every right that the key has then. Not for a revoked key.',
  security: TENANT_SECURITY,
  middleware: tenantBodyRoute('keys:write'),
  request: {
    headers: tenantHeaders,
    params: z.object({ id: z.uuid() }),
    body: { required: true, content: { 'application/json': { schema: apiKeyChange } } },
  },
  responses: {
    200: jsonAnswer('The API key as it is now.', apiKey),
    ...tenantBodyErrors(['not_found', 'already_exists', 'conflict']),
  },
});

export const handleUpdateApiKey: RouteHandler<typeof updateApiKeyRoute, AppTypes> = async (context) => {
  const { id } = context.req.valid('param');
  const change = context.req.valid('json');
  const updated = await applyChange(context, (by) => updateApiKey(by, keyMaker(context), id, change));
  return updated.ok ? context.json(updated.value, 200) : errorResponse(context, updated.error);
};

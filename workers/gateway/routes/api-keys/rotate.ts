import { createRoute, type RouteHandler, z } from '@hono/zod-openapi';
import { apiKeyRotation, createdApiKey } from '../../../../shared/contracts/http/api-keys.ts';
import { rotateApiKey } from '../../../../shared/services/rotate-api-key.ts';
import type { AppTypes } from '../../app-context.ts';
import { applyChange } from '../../configuration/apply-change.ts';
import { errorResponse } from '../../error-response.ts';
import { jsonAnswer, TENANT_SECURITY, tenantBodyErrors, tenantBodyRoute, tenantHeaders } from '../route-config.ts';
import { keyMaker } from './key-maker.ts';

export const rotateApiKeyRoute = createRoute({
  method: 'post',
  path: '/v1/api-keys/{id}/rotate',
  operationId: 'rotateApiKey',
  tags: ['API keys'],
  summary: 'Replace an API key by a new one',
  description:
    'The new key has the name, the rights and the limits of the old one, which expires after the overlap; until then its limits bind both together. You need every right that the key has.',
  security: TENANT_SECURITY,
  middleware: tenantBodyRoute('keys:write'),
  request: {
    headers: tenantHeaders,
    params: z.object({ id: z.uuid() }),
    body: { required: true, content: { 'application/json': { schema: apiKeyRotation } } },
  },
  responses: {
    201: jsonAnswer('The new key. It works from now on.', createdApiKey),
    ...tenantBodyErrors(['not_found', 'already_exists', 'conflict']),
  },
});

export const handleRotateApiKey: RouteHandler<typeof rotateApiKeyRoute, AppTypes> = async (context) => {
  const { id } = context.req.valid('param');
  const rotation = context.req.valid('json');
  const rotated = await applyChange(context, (by) => rotateApiKey(by, keyMaker(context), id, rotation));
  return rotated.ok ? context.json(rotated.value, 201) : errorResponse(context, rotated.error);
};

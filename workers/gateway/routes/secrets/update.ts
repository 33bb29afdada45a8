import { createRoute, type RouteHandler, z } from '@hono/zod-openapi';
import { secret, secretChange } from '../../../../shared/contracts/http/secrets.ts';
import { updateSecret } from '../../../../shared/services/update-secret.ts';
import type { AppTypes } from '../../app-context.ts';
import { applyChange } from '../../configuration/apply-change.ts';
import { secretSealer } from '../../configuration/sealers.ts';
import { errorResponse } from '../../error-response.ts';
import { jsonAnswer, TENANT_SECURITY, tenantBodyErrors, tenantBodyRoute, tenantHeaders } from '../route-config.ts';

export const updateSecretRoute = createRoute({
  method: 'patch',
  path: '/v1/secrets/{id}',
  operationId: 'updateSecret',
  tags: ['Secrets'],
  summary: 'Replace the value of a secret',
  description: 'The value before is gone.',
  security: TENANT_SECURITY,
  middleware: tenantBodyRoute('providers:write'),
  request: {
    headers: tenantHeaders,
    params: z.object({ id: z.uuid() }),
    body: { required: true, content: { 'application/json': { schema: secretChange } } },
  },
  responses: {
    200: jsonAnswer('The secret, without its value.', secret),
    ...tenantBodyErrors(['not_found']),
  },
});

export const handleUpdateSecret: RouteHandler<typeof updateSecretRoute, AppTypes> = async (context) => {
  const { id } = context.req.valid('param');
  const change = context.req.valid('json');
  const updated = await applyChange(context, (by) => updateSecret(by, secretSealer(context), id, change));
  return updated.ok ? context.json(updated.value, 200) : errorResponse(context, updated.error);
};

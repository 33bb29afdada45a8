import { createRoute, type RouteHandler } from '@hono/zod-openapi';
import { secret, secretInput } from '../../../../shared/contracts/http/secrets.ts';
import { createSecret } from '../../../../shared/services/create-secret.ts';
import type { AppTypes } from '../../app-context.ts';
import { applyChange } from '../../configuration/apply-change.ts';
import { secretSealer } from '../../configuration/sealers.ts';
import { errorResponse } from '../../error-response.ts';
import { jsonAnswer, TENANT_SECURITY, tenantBodyErrors, tenantBodyRoute, tenantHeaders } from '../route-config.ts';

export const createSecretRoute = createRoute({
  method: 'post',
  path: '/v1/secrets',
  operationId: 'createSecret',
  tags: ['Secrets'],
  summary: 'Keep a secret',
  description: 'It is sealed before it is stored, and no endpoint shows it again.',
  security: TENANT_SECURITY,
  middleware: tenantBodyRoute('providers:write'),
  request: {
    headers: tenantHeaders,
    body: { required: true, content: { 'application/json': { schema: secretInput } } },
  },
  responses: {
    201: jsonAnswer('The secret, without its value.', secret),
    ...tenantBodyErrors(['already_exists']),
  },
});

export const handleCreateSecret: RouteHandler<typeof createSecretRoute, AppTypes> = async (context) => {
  const input = context.req.valid('json');
  const created = await applyChange(context, (by) => createSecret(by, secretSealer(context), input));
  return created.ok ? context.json(created.value, 201) : errorResponse(context, created.error);
};

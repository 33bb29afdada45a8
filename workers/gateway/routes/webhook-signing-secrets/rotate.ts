import { createRoute, type RouteHandler } from '@hono/zod-openapi';
import {
  createdWebhookSigningSecret,
  webhookSecretRotation,
} from '../../../../shared/contracts/http/webhook-signing-secrets.ts';
import { rotateWebhookSigningSecret } from '../../../../shared/services/rotate-webhook-signing-secret.ts';
import type { AppTypes } from '../../app-context.ts';
import { applyChange } from '../../configuration/apply-change.ts';
import { signingSecretSealer } from '../../configuration/sealers.ts';
import { errorResponse } from '../../error-response.ts';
import { jsonAnswer, TENANT_SECURITY, tenantBodyErrors, tenantBodyRoute, tenantHeaders } from '../route-config.ts';

export const rotateWebhookSigningSecretRoute = createRoute({
  method: 'post',
  path: '/v1/webhook-signing-secrets/rotate',
  operationId: 'rotateWebhookSigningSecret',
  tags: ['Tasks'],
  summary: 'Get a secret that deliveries are signed by',
  description:
    'The first one, or one in the place of those before: deliveries are signed by all of them until the overlap is over, so that none is lost while receivers change over.',
  security: TENANT_SECURITY,
  middleware: tenantBodyRoute('keys:write'),
  request: {
    headers: tenantHeaders,
    body: { required: true, content: { 'application/json': { schema: webhookSecretRotation } } },
  },
  responses: {
    201: jsonAnswer('The secret, this once.', createdWebhookSigningSecret),
    ...tenantBodyErrors(['conflict']),
  },
});

export const handleRotateWebhookSigningSecret: RouteHandler<typeof rotateWebhookSigningSecretRoute, AppTypes> = async (
  context,
) => {
  const rotation = context.req.valid('json');
  const seal = signingSecretSealer(context);
  const rotated = await applyChange(context, (by) => rotateWebhookSigningSecret(by, seal, rotation));
  return rotated.ok ? context.json(rotated.value, 201) : errorResponse(context, rotated.error);
};

import { createRoute, type RouteHandler } from '@hono/zod-openapi';
import {
  auditLogDestinationInput,
  createdAuditLogDestination,
} from '../../../../shared/contracts/http/audit-log-destinations.ts';
import { createAuditLogDestination } from '../../../../shared/services/create-audit-log-destination.ts';
import type { AppTypes } from '../../app-context.ts';
import { applyChange } from '../../configuration/apply-change.ts';
import { refuseDeliveryUrl } from '../../configuration/refuse-url.ts';
import { deliverySecretSealer } from '../../configuration/sealers.ts';
import { errorResponse } from '../../error-response.ts';
import { jsonAnswer, TENANT_SECURITY, tenantBodyErrors, tenantBodyRoute, tenantHeaders } from '../route-config.ts';

export const createAuditLogDestinationRoute = createRoute({
  method: 'post',
  path: '/v1/audit-log-destinations',
  operationId: 'createAuditLogDestination',
  tags: ['Access'],
  summary: 'Have checkpoints of the audit log sent',
  description:
    'Each signed checkpoint from now on, in order: to a webhook, or into a bucket that speaks S3’s API. What is not taken is sent again until it is.',
  security: TENANT_SECURITY,
  middleware: tenantBodyRoute('tenants:write'),
  request: {
    headers: tenantHeaders,
    body: { required: true, content: { 'application/json': { schema: auditLogDestinationInput } } },
  },
  responses: {
    201: jsonAnswer('The destination; of a webhook with its secret, this once.', createdAuditLogDestination),
    ...tenantBodyErrors(['already_exists']),
  },
});

export const handleCreateAuditLogDestination: RouteHandler<typeof createAuditLogDestinationRoute, AppTypes> = async (
  context,
) => {
  const input = context.req.valid('json');
  const refusal = refuseDeliveryUrl(context, input);
  if (refusal) return errorResponse(context, refusal);
  const seal = deliverySecretSealer(context);
  const created = await applyChange(context, (by) => createAuditLogDestination(by, seal, input));
  return created.ok ? context.json(created.value, 201) : errorResponse(context, created.error);
};

import { createRoute, type RouteHandler } from '@hono/zod-openapi';
import { pageQuery } from '../../../../shared/contracts/http/page.ts';
import { webhookSigningSecretList } from '../../../../shared/contracts/http/webhook-signing-secrets.ts';
import { listWebhookSigningSecrets } from '../../../../shared/services/list-webhook-signing-secrets.ts';
import type { AppTypes } from '../../app-context.ts';
import { readRecord } from '../../configuration/read-record.ts';
import { errorResponse } from '../../error-response.ts';
import { jsonAnswer, TENANT_SECURITY, tenantErrors, tenantHeaders, tenantRoute } from '../route-config.ts';

export const listWebhookSigningSecretsRoute = createRoute({
  method: 'get',
  path: '/v1/webhook-signing-secrets',
  operationId: 'listWebhookSigningSecrets',
  tags: ['Tasks'],
  summary: 'List what deliveries are signed by',
  description: 'One is in force; those that it replaced are signed by too, until they expire. None is shown again.',
  security: TENANT_SECURITY,
  middleware: tenantRoute('keys:read'),
  request: { headers: tenantHeaders, query: pageQuery },
  responses: {
    200: jsonAnswer('A page of secrets, without what they are.', webhookSigningSecretList),
    ...tenantErrors(),
  },
});

export const handleListWebhookSigningSecrets: RouteHandler<typeof listWebhookSigningSecretsRoute, AppTypes> = async (
  context,
) => {
  const page = context.req.valid('query');
  const { tenantId } = context.get('tenant');
  const { db } = context.get('ports');
  const listed = await readRecord(context, () => listWebhookSigningSecrets({ db, tenantId, page }));
  return listed.ok ? context.json(listed.value, 200) : errorResponse(context, listed.error);
};

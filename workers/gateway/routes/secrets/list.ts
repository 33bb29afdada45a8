import { createRoute, type RouteHandler } from '@hono/zod-openapi';
import { pageQuery } from '../../../../shared/contracts/http/page.ts';
import { secretList } from '../../../../shared/contracts/http/secrets.ts';
import { listSecrets } from '../../../../shared/services/list-secrets.ts';
import type { AppTypes } from '../../app-context.ts';
import { readRecord } from '../../configuration/read-record.ts';
import { errorResponse } from '../../error-response.ts';
import { jsonAnswer, TENANT_SECURITY, tenantErrors, tenantHeaders, tenantRoute } from '../route-config.ts';

export const listSecretsRoute = createRoute({
  method: 'get',
  path: '/v1/secrets',
  operationId: 'listSecrets',
  tags: ['Secrets'],
  summary: 'List the tenant’s secrets',
  description: 'Without their values, which no endpoint shows.',
  security: TENANT_SECURITY,
  middleware: tenantRoute('providers:write'),
  request: { headers: tenantHeaders, query: pageQuery },
  responses: {
    200: jsonAnswer('A page of secrets.', secretList),
    ...tenantErrors(),
  },
});

export const handleListSecrets: RouteHandler<typeof listSecretsRoute, AppTypes> = async (context) => {
  const page = context.req.valid('query');
  const { tenantId } = context.get('tenant');
  const { db } = context.get('ports');
  const listed = await readRecord(context, () => listSecrets({ db, tenantId, page }));
  return listed.ok ? context.json(listed.value, 200) : errorResponse(context, listed.error);
};

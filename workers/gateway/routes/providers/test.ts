import { createRoute, type RouteHandler, z } from '@hono/zod-openapi';
import { connectionTest } from '../../../../shared/contracts/http/providers.ts';
import { findSealedAccount } from '../../../../shared/services/list-provider-accounts.ts';
import type { AppTypes } from '../../app-context.ts';
import { NOT_FOUND } from '../../configuration/apply-change.ts';
import { readRecord } from '../../configuration/read-record.ts';
import { testConnection } from '../../configuration/test-connection.ts';
import { errorResponse } from '../../error-response.ts';
import { jsonAnswer, TENANT_SECURITY, tenantErrors, tenantHeaders, tenantRoute } from '../route-config.ts';

export const testProviderAccountRoute = createRoute({
  method: 'post',
  path: '/v1/providers/{id}/test',
  operationId: 'testProviderAccount',
  tags: ['Providers'],
  summary: 'Test a provider account',
  description:
    'Makes one call to the provider with the account’s credentials, which costs nothing: it lists something.',
  security: TENANT_SECURITY,
  middleware: tenantRoute('providers:write'),
  request: { headers: tenantHeaders, params: z.object({ id: z.uuid() }) },
  responses: {
    200: jsonAnswer('What it came to, good or bad.', connectionTest),
    ...tenantErrors(['not_found']),
  },
});

export const handleTestProviderAccount: RouteHandler<typeof testProviderAccountRoute, AppTypes> = async (context) => {
  const { id } = context.req.valid('param');
  const { tenantId } = context.get('tenant');
  const { db } = context.get('ports');
  const found = await readRecord(context, () => findSealedAccount({ db, tenantId, id }));
  if (!found.ok) return errorResponse(context, found.error);
  if (!found.value) return errorResponse(context, NOT_FOUND);
  const tested = await testConnection(context, found.value);
  return tested.ok ? context.json(tested.value, 200) : errorResponse(context, tested.error);
};

import { createRoute, type RouteHandler } from '@hono/zod-openapi';
import { pageQuery } from '../../../../shared/contracts/http/page.ts';
import { providerAccountList } from '../../../../shared/contracts/http/providers.ts';
import { listProviderAccounts } from '../../../../shared/services/list-provider-accounts.ts';
import type { AppTypes } from '../../app-context.ts';
import { readRecord } from '../../configuration/read-record.ts';
import { errorResponse } from '../../error-response.ts';
import { jsonAnswer, TENANT_SECURITY, tenantErrors, tenantHeaders, tenantRoute } from '../route-config.ts';

export const listProviderAccountsRoute = createRoute({
  method: 'get',
  path: '/v1/providers',
  operationId: 'listProviderAccounts',
  tags: ['Providers'],
  summary: 'List the tenant’s provider accounts',
  description: 'Without their credentials.',
  security: TENANT_SECURITY,
  middleware: tenantRoute('providers:read'),
  request: { headers: tenantHeaders, query: pageQuery },
  responses: {
    200: jsonAnswer('A page of accounts.', providerAccountList),
    ...tenantErrors(),
  },
});

export const handleListProviderAccounts: RouteHandler<typeof listProviderAccountsRoute, AppTypes> = async (context) => {
  const page = context.req.valid('query');
  const { tenantId } = context.get('tenant');
  const { db } = context.get('ports');
  const listed = await readRecord(context, () => listProviderAccounts({ db, tenantId, page }));
  return listed.ok ? context.json(listed.value, 200) : errorResponse(context, listed.error);
};

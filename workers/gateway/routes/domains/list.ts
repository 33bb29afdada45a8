import { createRoute, type RouteHandler } from '@hono/zod-openapi';
import { domainList } from '../../../../shared/contracts/http/domains.ts';
import { pageQuery } from '../../../../shared/contracts/http/page.ts';
import { listDomains } from '../../../../shared/services/list-domains.ts';
import type { AppTypes } from '../../app-context.ts';
import { readRecord } from '../../configuration/read-record.ts';
import { errorResponse } from '../../error-response.ts';
import { jsonAnswer, TENANT_SECURITY, tenantErrors, tenantHeaders, tenantRoute } from '../route-config.ts';

export const listDomainsRoute = createRoute({
  method: 'get',
  path: '/v1/domains',
  operationId: 'listDomains',
  tags: ['Access'],
  summary: 'List domains',
  description: 'With the records that prove them, and which are verified.',
  security: TENANT_SECURITY,
  middleware: tenantRoute('members:read'),
  request: { headers: tenantHeaders, query: pageQuery },
  responses: {
    200: jsonAnswer('A page.', domainList),
    ...tenantErrors(),
  },
});

export const handleListDomains: RouteHandler<typeof listDomainsRoute, AppTypes> = async (context) => {
  const page = context.req.valid('query');
  const { tenantId } = context.get('tenant');
  const { db } = context.get('ports');
  const listed = await readRecord(context, () => listDomains({ db, tenantId, page }));
  return listed.ok ? context.json(listed.value, 200) : errorResponse(context, listed.error);
};

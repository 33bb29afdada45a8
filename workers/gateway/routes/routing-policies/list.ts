import { createRoute, type RouteHandler } from '@hono/zod-openapi';
import { pageQuery } from '../../../../shared/contracts/http/page.ts';
import { routingPolicyList } from '../../../../shared/contracts/http/routing-policies.ts';
import { listRoutingPolicies } from '../../../../shared/services/list-routing-policies.ts';
import type { AppTypes } from '../../app-context.ts';
import { readRecord } from '../../configuration/read-record.ts';
import { errorResponse } from '../../error-response.ts';
import { jsonAnswer, TENANT_SECURITY, tenantErrors, tenantHeaders, tenantRoute } from '../route-config.ts';

export const listRoutingPoliciesRoute = createRoute({
  method: 'get',
  path: '/v1/routing-policies',
  operationId: 'listRoutingPolicies',
  tags: ['Routing'],
  summary: 'List the tenant’s routing policies',
  description: 'Oldest first, disabled ones too.',
  security: TENANT_SECURITY,
  middleware: tenantRoute('policies:read'),
  request: { headers: tenantHeaders, query: pageQuery },
  responses: {
    200: jsonAnswer('A page of routing policies.', routingPolicyList),
    ...tenantErrors(),
  },
});

export const handleListRoutingPolicies: RouteHandler<typeof listRoutingPoliciesRoute, AppTypes> = async (context) => {
  const page = context.req.valid('query');
  const { tenantId } = context.get('tenant');
  const { db } = context.get('ports');
  const listed = await readRecord(context, () => listRoutingPolicies({ db, tenantId, page }));
  return listed.ok ? context.json(listed.value, 200) : errorResponse(context, listed.error);
};

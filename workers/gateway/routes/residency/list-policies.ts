import { createRoute, type RouteHandler } from '@hono/zod-openapi';
import { pageQuery } from '../../../../shared/contracts/http/page.ts';
import { residencyPolicyList } from '../../../../shared/contracts/http/residency-policies.ts';
import { listResidencyPolicies } from '../../../../shared/services/list-residency-policies.ts';
import type { AppTypes } from '../../app-context.ts';
import { readRecord } from '../../configuration/read-record.ts';
import { errorResponse } from '../../error-response.ts';
import { jsonAnswer, TENANT_SECURITY, tenantErrors, tenantHeaders, tenantRoute } from '../route-config.ts';

export const listResidencyPoliciesRoute = createRoute({
  method: 'get',
  path: '/v1/residency/policies',
  operationId: 'listResidencyPolicies',
  tags: ['Residency'],
  summary: 'List the tenant’s residency policies',
  description: 'What came of them: `GET /v1/residency/report`.',
  security: TENANT_SECURITY,
  middleware: tenantRoute('policies:read'),
  request: { headers: tenantHeaders, query: pageQuery },
  responses: {
    200: jsonAnswer('A page of policies.', residencyPolicyList),
    ...tenantErrors(),
  },
});

export const handleListResidencyPolicies: RouteHandler<typeof listResidencyPoliciesRoute, AppTypes> = async (
  context,
) => {
  const page = context.req.valid('query');
  const { tenantId } = context.get('tenant');
  const { db } = context.get('ports');
  const listed = await readRecord(context, () => listResidencyPolicies({ db, tenantId, page }));
  return listed.ok ? context.json(listed.value, 200) : errorResponse(context, listed.error);
};

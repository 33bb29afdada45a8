import { createRoute, type RouteHandler, z } from '@hono/zod-openapi';
import { residencyPolicy } from '../../../../shared/contracts/http/residency-policies.ts';
import { getResidencyPolicy } from '../../../../shared/services/list-residency-policies.ts';
import type { AppTypes } from '../../app-context.ts';
import { NOT_FOUND } from '../../configuration/apply-change.ts';
import { readRecord } from '../../configuration/read-record.ts';
import { errorResponse } from '../../error-response.ts';
import { jsonAnswer, TENANT_SECURITY, tenantErrors, tenantHeaders, tenantRoute } from '../route-config.ts';

export const getResidencyPolicyRoute = createRoute({
  method: 'get',
  path: '/v1/residency/policies/{id}',
  operationId: 'getResidencyPolicy',
  tags: ['Residency'],
  summary: 'Get a residency policy',
  description: 'As it is now.',
  security: TENANT_SECURITY,
  middleware: tenantRoute('policies:read'),
  request: { headers: tenantHeaders, params: z.object({ id: z.uuid() }) },
  responses: {
    200: jsonAnswer('The policy.', residencyPolicy),
    ...tenantErrors(['not_found']),
  },
});

export const handleGetResidencyPolicy: RouteHandler<typeof getResidencyPolicyRoute, AppTypes> = async (context) => {
  const { id } = context.req.valid('param');
  const { tenantId } = context.get('tenant');
  const { db } = context.get('ports');
  const found = await readRecord(context, () => getResidencyPolicy({ db, tenantId, id }));
  if (!found.ok) return errorResponse(context, found.error);
  return found.value ? context.json(found.value, 200) : errorResponse(context, NOT_FOUND);
};

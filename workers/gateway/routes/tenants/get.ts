import { createRoute, type RouteHandler } from '@hono/zod-openapi';
import { tenant, tenantParams } from '../../../../shared/contracts/http/tenants.ts';
import { getTenant } from '../../../../shared/services/get-tenant.ts';
import type { AppTypes } from '../../app-context.ts';
import { NOT_FOUND } from '../../configuration/apply-change.ts';
import { readRecord } from '../../configuration/read-record.ts';
import { errorResponse } from '../../error-response.ts';
import { memberRoute } from '../member-route.ts';
import { jsonAnswer, PERSON_SECURITY, personErrors } from '../route-config.ts';

export const getTenantRoute = createRoute({
  method: 'get',
  path: '/v1/tenants/{id}',
  operationId: 'getTenant',
  tags: ['Tenants'],
  summary: 'Get a tenant',
  description: 'Also one that is suspended or being deleted.',
  security: PERSON_SECURITY,
  middleware: memberRoute('tenants:write'),
  request: { params: tenantParams },
  responses: {
    200: jsonAnswer('The tenant.', tenant),
    ...personErrors(['not_found']),
  },
});

export const handleGetTenant: RouteHandler<typeof getTenantRoute, AppTypes> = async (context) => {
  const { id: tenantId } = context.req.valid('param');
  const { db } = context.get('ports');
  const found = await readRecord(context, () => getTenant({ db, tenantId }));
  if (!found.ok) return errorResponse(context, found.error);
  return found.value ? context.json(found.value, 200) : errorResponse(context, NOT_FOUND);
};

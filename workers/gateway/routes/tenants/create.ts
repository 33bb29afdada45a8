import { createRoute, type RouteHandler } from '@hono/zod-openapi';
import { uuidv7 } from 'uuidv7';
import { createdTenant, tenantInput } from '../../../../shared/contracts/http/tenants.ts';
import { createTenant, MOST_OWNED_TENANTS } from '../../../../shared/services/create-tenant.ts';
import type { AppTypes } from '../../app-context.ts';
import { publishChange } from '../../configuration/apply-change.ts';
import { personalChange } from '../../configuration/change-own-tenant.ts';
import { readRecord } from '../../configuration/read-record.ts';
import { errorResponse } from '../../error-response.ts';
import { jsonAnswer, PERSON_SECURITY, personBodyErrors, personBodyRoute } from '../route-config.ts';

export const createTenantRoute = createRoute({
  method: 'post',
  path: '/v1/tenants',
  operationId: 'createTenant',
  tags: ['Tenants'],
  summary: 'Create a tenant',
  description: 'You are its owner. It has an environment for development, and no key yet.',
  security: PERSON_SECURITY,
  middleware: personBodyRoute(),
  request: { body: { required: true, content: { 'application/json': { schema: tenantInput } } } },
  responses: {
    201: jsonAnswer('The tenant. It can be used from now on.', createdTenant),
    ...personBodyErrors(['tenant_limit_reached', 'wrong_region']),
  },
});

export const handleCreateTenant: RouteHandler<typeof createTenantRoute, AppTypes> = async (context) => {
  const { name, region = context.get('ports').settings.region } = context.req.valid('json');
  const { settings } = context.get('ports');
  if (context.get('person').tenantId !== null) {
    const detail = 'Your account belongs to the tenant whose identity provider it is from.';
    return errorResponse(context, { code: 'permission_denied', detail });
  }
  if (region !== settings.region) {
    const url = settings.regionUrls[region];
    const detail = `Tenants of region ${region} are created there${url ? `: call ${url}` : ''}.`;
    return errorResponse(context, { code: 'wrong_region', detail });
  }
  const tenantId = context.get('claim')?.effectId ?? uuidv7();
  const created = await readRecord(context, () => createTenant(personalChange(context, tenantId), { name, region }));
  if (!created.ok) return errorResponse(context, created.error);
  if (!created.value.ok) {
    const detail = `You own ${MOST_OWNED_TENANTS} tenants, as many as a person may. One that you delete counts until it is erased; one that you are no owner of any more does not.`;
    return errorResponse(context, { code: 'tenant_limit_reached', detail });
  }
  await publishChange(context, tenantId);
  return context.json(created.value.value, 201);
};

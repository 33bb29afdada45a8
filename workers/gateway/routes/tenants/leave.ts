import { createRoute, type RouteHandler } from '@hono/zod-openapi';
import { tenantParams } from '../../../../shared/contracts/http/tenants.ts';
import { leaveTenant } from '../../../../shared/services/change-member-roles.ts';
import type { AppTypes } from '../../app-context.ts';
import { personalChange } from '../../configuration/change-own-tenant.ts';
import { accessRefused } from '../../configuration/grant-refusals.ts';
import { readRecord } from '../../configuration/read-record.ts';
import { errorResponse } from '../../error-response.ts';
import { anyMemberRoute } from '../member-route.ts';
import { PERSON_SECURITY, personErrors } from '../route-config.ts';

export const leaveTenantRoute = createRoute({
  method: 'delete',
  path: '/v1/tenants/{id}/membership',
  operationId: 'leaveTenant',
  tags: ['Tenants'],
  summary: 'Leave a tenant',
  description:
    'Whatever your role: you are a member no more, until somebody invites you again. The last owner cannot go.',
  security: PERSON_SECURITY,
  middleware: anyMemberRoute(),
  request: { params: tenantParams },
  responses: {
    204: { description: 'You are no member.' },
    ...personErrors(['not_found', 'last_owner']),
  },
});

export const handleLeaveTenant: RouteHandler<typeof leaveTenantRoute, AppTypes> = async (context) => {
  const { id } = context.req.valid('param');
  const left = await readRecord(context, () => leaveTenant(personalChange(context, id)));
  if (!left.ok) return errorResponse(context, left.error);
  return left.value.ok ? context.body(null, 204) : errorResponse(context, accessRefused(left.value.error));
};

import { createRoute, type RouteHandler, z } from '@hono/zod-openapi';
import { revokeInvitation } from '../../../../shared/services/revoke-invitation.ts';
import type { AppTypes } from '../../app-context.ts';
import { changeAccess } from '../../configuration/change-access.ts';
import { errorResponse } from '../../error-response.ts';
import { TENANT_SECURITY, tenantErrors, tenantHeaders, tenantRoute } from '../route-config.ts';

export const revokeInvitationRoute = createRoute({
  method: 'delete',
  path: '/v1/invitations/{id}',
  operationId: 'revokeInvitation',
  tags: ['Access'],
  summary: 'Revoke an invitation',
  description: 'Its token is worthless from now on. Who has accepted stays a member.',
  security: TENANT_SECURITY,
  middleware: tenantRoute('members:write'),
  request: { headers: tenantHeaders, params: z.object({ id: z.uuid() }) },
  responses: {
    204: { description: 'It is revoked.' },
    ...tenantErrors(['not_found']),
  },
});

export const handleRevokeInvitation: RouteHandler<typeof revokeInvitationRoute, AppTypes> = async (context) => {
  const { id } = context.req.valid('param');
  const revoked = await changeAccess(context, (by) => revokeInvitation(by, id));
  return revoked.ok ? context.body(null, 204) : errorResponse(context, revoked.error);
};

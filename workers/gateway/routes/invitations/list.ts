import { createRoute, type RouteHandler } from '@hono/zod-openapi';
import { invitationList, invitationQuery } from '../../../../shared/contracts/http/invitations.ts';
import { listInvitations } from '../../../../shared/services/list-invitations.ts';
import type { AppTypes } from '../../app-context.ts';
import { readRecord } from '../../configuration/read-record.ts';
import { errorResponse } from '../../error-response.ts';
import { jsonAnswer, TENANT_SECURITY, tenantErrors, tenantHeaders, tenantRoute } from '../route-config.ts';

export const listInvitationsRoute = createRoute({
  method: 'get',
  path: '/v1/invitations',
  operationId: 'listInvitations',
  tags: ['Access'],
  summary: 'List invitations',
  description: 'Also those that were accepted, revoked or ran out, unless a `status` is asked for.',
  security: TENANT_SECURITY,
  middleware: tenantRoute('members:read'),
  request: { headers: tenantHeaders, query: invitationQuery },
  responses: {
    200: jsonAnswer('A page.', invitationList),
    ...tenantErrors(),
  },
});

export const handleListInvitations: RouteHandler<typeof listInvitationsRoute, AppTypes> = async (context) => {
  const query = context.req.valid('query');
  const { tenantId } = context.get('tenant');
  const { db } = context.get('ports');
  const listed = await readRecord(context, () => listInvitations({ db, tenantId, query }));
  return listed.ok ? context.json(listed.value, 200) : errorResponse(context, listed.error);
};

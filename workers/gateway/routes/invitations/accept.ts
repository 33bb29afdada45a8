import { createRoute, type RouteHandler } from '@hono/zod-openapi';
import { tenantOfInvitation } from '../../../../shared/auth/invitation-token.ts';
import { invitationAcceptance, joinedTenant } from '../../../../shared/contracts/http/invitations.ts';
import type { DomainError } from '../../../../shared/errors/domain-error.ts';
import { acceptInvitation } from '../../../../shared/services/accept-invitation.ts';
import type { AppTypes } from '../../app-context.ts';
import { personalChange } from '../../configuration/change-own-tenant.ts';
import { accessRefused } from '../../configuration/grant-refusals.ts';
import { readRecord } from '../../configuration/read-record.ts';
import { errorResponse } from '../../error-response.ts';
import { jsonAnswer, PERSON_SECURITY, personBodyErrors, personBodyRoute } from '../route-config.ts';

export const acceptInvitationRoute = createRoute({
  method: 'post',
  path: '/v1/invitations/accept',
  operationId: 'acceptInvitation',
  tags: ['Access'],
  summary: 'Accept an invitation',
  description: 'For who is signed in with the invited e-mail address, verified by their identity provider.',
  security: PERSON_SECURITY,
  middleware: personBodyRoute(),
  request: { body: { required: true, content: { 'application/json': { schema: invitationAcceptance } } } },
  responses: {
    200: jsonAnswer('You are a member.', joinedTenant),
    ...personBodyErrors(['not_found', 'conflict', 'member_limit_reached']),
  },
});

const NO_INVITATION: DomainError = {
  code: 'not_found',
  detail: 'No invitation is open that has this token: it was used, revoked or replaced, or is older than seven days.',
};

export const handleAcceptInvitation: RouteHandler<typeof acceptInvitationRoute, AppTypes> = async (context) => {
  const { token } = context.req.valid('json');
  const { userId, email, emailVerified, tenantId: only } = context.get('person');
  const tenantId = tenantOfInvitation(token);
  if (tenantId === null || (only !== null && only !== tenantId)) return errorResponse(context, NO_INVITATION);
  const invitee = { userId, email: emailVerified ? email : null };
  const joined = await readRecord(context, () => acceptInvitation(personalChange(context, tenantId), invitee, token));
  if (!joined.ok) return errorResponse(context, joined.error);
  if (!joined.value.ok) {
    const { error } = joined.value;
    return errorResponse(context, error === 'not_found' ? NO_INVITATION : accessRefused(error));
  }
  return context.json(joined.value.value, 200);
};

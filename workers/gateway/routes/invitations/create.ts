import { createRoute, type RouteHandler } from '@hono/zod-openapi';
import { createdInvitation, invitationInput } from '../../../../shared/contracts/http/invitations.ts';
import { createInvitation } from '../../../../shared/services/create-invitation.ts';
import type { AppContext, AppTypes } from '../../app-context.ts';
import { changeAccess } from '../../configuration/change-access.ts';
import { errorResponse } from '../../error-response.ts';
import { invitationMail } from '../../mail/invitation-mail.ts';
import type { Mail } from '../../mail/mailer.ts';
import { jsonAnswer, TENANT_SECURITY, tenantBodyErrors, tenantBodyRoute, tenantHeaders } from '../route-config.ts';
import { INVITATION_PAGE } from './invitation-page.ts';

export const createInvitationRoute = createRoute({
  method: 'post',
  path: '/v1/invitations',
  operationId: 'createInvitation',
  tags: ['Access'],
  summary: 'Invite somebody',
  description: 'For seven days. It replaces open invitations of the same address. Members are limited by the plan.',
  security: TENANT_SECURITY,
  middleware: tenantBodyRoute('members:write'),
  request: {
    headers: tenantHeaders,
    body: { required: true, content: { 'application/json': { schema: invitationInput } } },
  },
  responses: {
    201: jsonAnswer('The invitation. Its token is not shown again.', createdInvitation),
    ...tenantBodyErrors(['member_limit_reached', 'conflict']),
  },
});

export const handleCreateInvitation: RouteHandler<typeof createInvitationRoute, AppTypes> = async (context) => {
  const input = context.req.valid('json');
  const created = await changeAccess(context, (by, granter) => createInvitation(by, granter, input));
  if (!created.ok) return errorResponse(context, created.error);
  const { invitation, token, tenantName } = created.value;
  const link = linkFor(context, token);
  const { email: to, expiresAt } = invitation;
  const isEmailed = await mail(context, invitationMail({ to, tenantName, link, expiresAt }));
  return context.json({ ...invitation, token, link, isEmailed }, 201);
};

/** Built from what is configured: a request's Host is whatever its sender says. */
function linkFor(context: AppContext, token: string): string {
  const { region, regionUrls } = context.get('ports').settings;
  const origin = regionUrls[region] ?? new URL(context.req.url).origin;
  return `${origin}${INVITATION_PAGE}#${token}`;
}

/** If the message was taken. Without a mail server, or when it fails, the link is there to be handed over. */
async function mail(context: AppContext, message: Mail): Promise<boolean> {
  const { mailer } = context.get('ports');
  if (!mailer) return false;
  try {
    await mailer.send(message);
    return true;
  } catch (error) {
    context.get('logger').error('mail.not_sent', { error });
    return false;
  }
}

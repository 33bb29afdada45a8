import { z } from '@hono/zod-openapi';
import { roleIds } from './members.ts';
import { pageOf, pageQuery } from './page.ts';

const EMAIL_MAX_LENGTH = 254;
const TOKEN_MAX_LENGTH = 200;

export const invitationInput = z
  .strictObject({
    email: z.email().max(EMAIL_MAX_LENGTH).openapi({ description: 'Who accepts must have it verified.' }),
    roleIds,
  })
  .openapi('InvitationInput');
export type InvitationInput = z.infer<typeof invitationInput>;

export const invitationAcceptance = z
  .strictObject({ token: z.string().min(1).max(TOKEN_MAX_LENGTH) })
  .openapi('InvitationAcceptance');

const status = z.enum(['pending', 'accepted', 'revoked', 'expired']);

const view = {
  id: z.uuid(),
  email: z.string(),
  roleIds: z.array(z.uuid()),
  status,
  invitedBy: z.uuid().nullable(),
  expiresAt: z.iso.datetime(),
  createdAt: z.iso.datetime(),
};

export const invitation = z.object(view).openapi('Invitation');
export type Invitation = z.infer<typeof invitation>;

export const createdInvitation = z
  .object({
    ...view,
    token: z.string().openapi({ description: 'Shown this once. Whoever signs in with the address can join with it.' }),
    link: z.url().openapi({ description: 'A page with the token behind `#`, which browsers send to no server.' }),
    isEmailed: z.boolean().openapi({ description: 'The mail server took the message. Otherwise hand over the link.' }),
  })
  .openapi('CreatedInvitation');
export type CreatedInvitation = z.infer<typeof createdInvitation>;

export const invitationQuery = pageQuery.extend({ status: status.optional() });
export type InvitationQuery = z.infer<typeof invitationQuery>;

export const invitationList = pageOf(invitation).openapi('InvitationList', { description: 'Oldest first.' });

export const joinedTenant = z
  .object({ tenantId: z.uuid(), roles: z.array(z.string()) })
  .openapi('JoinedTenant', { description: 'Where you are a member now, and as what.' });
export type JoinedTenant = z.infer<typeof joinedTenant>;

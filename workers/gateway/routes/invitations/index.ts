import { createRouter } from '../../create-router.ts';
import { acceptInvitationRoute, handleAcceptInvitation } from './accept.ts';
import { createInvitationRoute, handleCreateInvitation } from './create.ts';
import { handleRevokeInvitation, revokeInvitationRoute } from './delete.ts';
import { handleListInvitations, listInvitationsRoute } from './list.ts';

export const invitationRoutes = createRouter()
  .openapi(listInvitationsRoute, handleListInvitations)
  .openapi(createInvitationRoute, handleCreateInvitation)
  .openapi(acceptInvitationRoute, handleAcceptInvitation)
  .openapi(revokeInvitationRoute, handleRevokeInvitation);

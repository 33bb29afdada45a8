import { secureHeaders } from 'hono/secure-headers';
import { createRouter } from '../../create-router.ts';
import { serveAsset } from '../../serve-asset.ts';
import { acceptInvitationRoute, handleAcceptInvitation } from './accept.ts';
import { createInvitationRoute, handleCreateInvitation } from './create.ts';
import { handleRevokeInvitation, revokeInvitationRoute } from './delete.ts';
import { handleInvitationPage, INVITATION_FILES, INVITATION_PAGE } from './invitation-page.ts';
import { handleListInvitations, listInvitationsRoute } from './list.ts';

export const invitationRoutes = createRouter()
  .openapi(listInvitationsRoute, handleListInvitations)
  .openapi(createInvitationRoute, handleCreateInvitation)
  .openapi(acceptInvitationRoute, handleAcceptInvitation)
  .openapi(revokeInvitationRoute, handleRevokeInvitation);
invitationRoutes.use(`${INVITATION_PAGE}/*`, secureHeaders());
invitationRoutes.get(INVITATION_PAGE, handleInvitationPage);
for (const file of INVITATION_FILES) invitationRoutes.get(`${INVITATION_PAGE}/${file}`, serveAsset);

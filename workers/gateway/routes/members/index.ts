import { createRouter } from '../../create-router.ts';
import { handleRemoveMember, removeMemberRoute } from './delete.ts';
import { handleListMembers, listMembersRoute } from './list.ts';
import { handleUpdateMember, updateMemberRoute } from './update.ts';

export const memberRoutes = createRouter()
  .openapi(listMembersRoute, handleListMembers)
  .openapi(updateMemberRoute, handleUpdateMember)
  .openapi(removeMemberRoute, handleRemoveMember);

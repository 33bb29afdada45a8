import { createRouter } from '../../create-router.ts';
import { deleteSessionRoute, handleDeleteSession } from './delete.ts';
import { deleteOtherSessionsRoute, handleDeleteOtherSessions } from './delete-others.ts';
import { handleListSessions, listSessionsRoute } from './list.ts';

export const sessionRoutes = createRouter()
  .openapi(listSessionsRoute, handleListSessions)
  .openapi(deleteOtherSessionsRoute, handleDeleteOtherSessions)
  .openapi(deleteSessionRoute, handleDeleteSession);

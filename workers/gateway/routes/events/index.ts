import { createRouter } from '../../create-router.ts';
import { connectEventsRoute, handleConnectEvents } from './connect.ts';
import { handleReadEvents, readEventsRoute } from './read.ts';

export const eventRoutes = createRouter()
  .openapi(readEventsRoute, handleReadEvents)
  .openapi(connectEventsRoute, handleConnectEvents);

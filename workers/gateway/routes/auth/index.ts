import { createRouter } from '../../create-router.ts';
import { backchannelLogoutRoute, handleBackchannelLogout } from './backchannel-logout.ts';
import { callbackRoute, handleCallback } from './callback.ts';
import { handleLogin, loginRoute } from './login.ts';
import { handleLogout, logoutRoute } from './logout.ts';

export const authRoutes = createRouter()
  .openapi(loginRoute, handleLogin)
  .openapi(callbackRoute, handleCallback)
  .openapi(logoutRoute, handleLogout)
  .openapi(backchannelLogoutRoute, handleBackchannelLogout);

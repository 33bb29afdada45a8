import { createMiddleware } from 'hono/factory';
import type { Permission } from '../../../shared/auth/permissions.ts';
import type { AppTypes } from '../app-context.ts';
import { errorResponse } from '../error-response.ts';

/** Lets a request pass only if its credential holds `permission`. Comes after `authenticate`. */
export function requirePermission(permission: Permission) {
  return createMiddleware<AppTypes>(async (context, next) => {
    if (context.get('tenant').permissions.has(permission)) return await next();
    const detail = `This needs the permission ${permission}, which the credential does not have.`;
    return errorResponse(context, { code: 'permission_denied', detail });
  });
}

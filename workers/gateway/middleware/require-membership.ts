import { createMiddleware } from 'hono/factory';
import * as z from 'zod';
import type { Permission } from '../../../shared/auth/permissions.ts';
import { findMembership } from '../../../shared/services/find-membership.ts';
import type { AppTypes } from '../app-context.ts';
import { NOT_FOUND } from '../configuration/apply-change.ts';
import { readRecord } from '../configuration/read-record.ts';
import { errorResponse } from '../error-response.ts';
import { refuseInvalid } from '../refuse-invalid.ts';

const params = z.object({ id: z.uuid() });

/**
 * Lets a person pass only if they have `permission` in the tenant that the path names, whatever its status; null: if they are
 * a member of it. A tenant that they are no member of is answered as one that does not exist. Comes after the person was
 * established.
 */
export function requireMembership(permission: Permission | null) {
  return createMiddleware<AppTypes>(async (context, next) => {
    const read = params.safeParse(context.req.param());
    if (!read.success) return refuseInvalid(context, read.error.issues);
    const { id: tenantId } = read.data;
    const { userId, tenantId: only } = context.get('person');
    if (only !== null && only !== tenantId.toLowerCase()) return errorResponse(context, NOT_FOUND);
    const { db } = context.get('ports');
    const membership = await readRecord(context, () => findMembership({ db, tenantId, userId }));
    if (!membership.ok) return errorResponse(context, membership.error);
    if (!membership.value) return errorResponse(context, NOT_FOUND);
    context.set('asker', { tenantId, actor: { kind: 'user', userId } });
    context.set('membership', membership.value);
    if (permission === null || membership.value.permissions.includes(permission)) return await next();
    const detail = `This needs the permission ${permission} in the tenant, which you do not have.`;
    return errorResponse(context, { code: 'permission_denied', detail });
  });
}

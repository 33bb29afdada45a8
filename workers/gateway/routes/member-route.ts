import type { Permission } from '../../../shared/auth/permissions.ts';
import { jsonBody } from '../middleware/json-body.ts';
import { requireMembership } from '../middleware/require-membership.ts';
import { personRoute } from './route-config.ts';

/** What guards a route of a person whose path names the tenant: it works, too, where the tenant rests or is to end. */
export function memberRoute(permission: Permission) {
  return [...personRoute(), requireMembership(permission)];
}

/** The same for a route that takes a JSON body. */
export function memberBodyRoute(permission: Permission) {
  return [...memberRoute(permission), jsonBody];
}

/** The same for what each member may do, whatever their role permits. */
export function anyMemberRoute() {
  return [...personRoute(), requireMembership(null)];
}

import { authenticate } from '../middleware/authenticate.ts';

/** What guards a route that every credential of the tenant may call, since it tells nothing but what that one may do. */
export function anyPermissionRoute() {
  return [authenticate({ tenant: 'named', checkedBy: 'now' })];
}

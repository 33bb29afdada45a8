import { type SQL, sql } from 'drizzle-orm';
import { SESSION_IDLE_MS, SESSION_MAX_AGE_MS } from '../auth/session-token.ts';

/** Columns of a session, for those to see whose it is. */
export const SESSION_FIELDS = sql`
  sessions.id, sessions.ip, sessions.user_agent as "userAgent", sessions.issuer,
  (extract(epoch from sessions.created_at) * 1000)::float8 as "createdAt",
  (extract(epoch from sessions.last_seen_at) * 1000)::float8 as "lastSeenAt"`;

/** That a session has ended neither by its idle limit nor by its absolute one. `now` is epoch milliseconds. */
export function isAlive(now: number): SQL {
  return sql`(sessions.last_seen_at > ${new Date(now - SESSION_IDLE_MS)} and sessions.created_at > ${new Date(now - SESSION_MAX_AGE_MS)})`;
}

/** A fingerprint of all that a person may do, in every tenant; read as that person. */
export function rightsOf(userId: SQL): SQL {
  return sql`(
    select md5(coalesce(string_agg(concat_ws('/', user_roles.tenant_id, user_roles.role_id, role_permissions.permission_id), ','
      order by user_roles.tenant_id, user_roles.role_id, role_permissions.permission_id), ''))
    from user_roles left join role_permissions on role_permissions.role_id = user_roles.role_id
      and coalesce(role_permissions.tenant_id, user_roles.tenant_id) = user_roles.tenant_id
    where user_roles.user_id = ${userId})`;
}

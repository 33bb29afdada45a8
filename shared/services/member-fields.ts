import { type SQL, sql } from 'drizzle-orm';
import { type Member, member } from '../contracts/http/members.ts';

/** Members as clients see them, over `users`; `which` is a condition, and what may follow it. */
export function selectMembers(tenantId: string, which: SQL): SQL {
  return sql`
    select users.id, jsonb_build_object('userId', users.id, 'email', users.email, 'name', users.name,
      'status', users.status, 'roles', held.roles, 'memberSince', held.since) as fields
    from users cross join lateral (
      select jsonb_agg(jsonb_build_object('id', roles.id, 'name', roles.name,
        'source', user_roles.source) order by roles.name) as roles,
        to_char(min(user_roles.created_at) at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as since
      from user_roles join roles on roles.id = user_roles.role_id
      where user_roles.tenant_id = ${tenantId}::uuid and user_roles.user_id = users.id
    ) as held
    where held.roles is not null and ${which}`;
}

/** A member's fields as clients see them. */
export function toMember(fields: unknown): Member {
  return member.parse(fields);
}

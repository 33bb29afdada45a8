import { sql } from 'drizzle-orm';
import { domainOfEmail } from '../auth/email-domain.ts';
import { withTenant } from '../db/with-tenant.ts';
import { withPerson } from '../db/with-user.ts';
import { auditInsert } from './audit-insert.ts';
import type { ChangeContext } from './change-configuration.ts';
import { isFull } from './member-seats.ts';
import { recordChange } from './record-change.ts';
import { firstReason, isAllowed, isOffered } from './role-grants.ts';

/** Why somebody of a tenant's domain does not join it. Each is written into the tenant's audit log. */
type JoinRefusal = 'member_limit' | 'not_offered';

/** Who signed in, as the platform's identity provider says. */
export interface DomainPerson {
  readonly userId: string;
  /** Verified by the identity provider with this sign-in. */
  readonly email: string;
}

/**
 * Makes who signed in a member of the tenant that holds the domain of their address, with the domain's role and an audit
 * row, once: not who is a member, nor who ever left it or was removed. Where the plan has no room, or does not offer the
 * role, nothing is given and that is audited. Gives nobody another's account: it only adds a role to their own.
 */
export async function joinByDomain(by: Omit<ChangeContext, 'tenantId' | 'actor'>, person: DomainPerson): Promise<void> {
  const name = domainOfEmail(person.email);
  if (name === null) return;
  const [{ rows }] = await withPerson(by.db, { domain: name }, (db) => [
    db.execute<{ tenantId: string }>(sql`
      select holder_id as "tenantId" from verified_domains where name = ${name} and lapsed_at is null`),
  ]);
  const [holder] = rows;
  if (!holder) return;
  const actor = { kind: 'user', userId: person.userId } as const;
  await join({ ...by, tenantId: holder.tenantId, actor }, person, name);
}

async function join(by: ChangeContext, { userId, email }: DomainPerson, name: string): Promise<void> {
  const { db, tenantId } = by;
  const { reason } = await recordChange<JoinRefusal>(by, {
    ...{ action: 'member.joined', targetType: 'member' },
    steps: [
      [
        'wanted',
        sql`select roles.id, roles.tenant_id, roles.name from domains
          join verified_domains as held on held.holder_id = domains.tenant_id and held.domain_id = domains.id
            and held.lapsed_at is null
          join tenants on tenants.id = domains.tenant_id and tenants.status = 'active'
          join roles on roles.id = domains.default_role_id
          where domains.tenant_id = ${tenantId}::uuid and domains.name = ${name}
            and not exists (select from user_roles where tenant_id = ${tenantId}::uuid and user_id = ${userId}::uuid)
            and not exists (select from former_members where tenant_id = ${tenantId}::uuid and user_id = ${userId}::uuid)`,
      ],
      [
        'refusal',
        firstReason([
          ['not_offered', sql`exists (select from wanted where not ${isOffered(tenantId, sql`wanted`)})`],
          ['member_limit', sql`exists (select from wanted) and ${isFull(tenantId)}`],
        ]),
      ],
      [
        'joined',
        sql`insert into user_roles (tenant_id, user_id, role_id)
          select ${tenantId}::uuid, ${userId}::uuid, id from wanted where ${isAllowed} returning role_id`,
      ],
      [
        'changed',
        sql`select ${userId}::uuid as id, null::jsonb as before, jsonb_build_object('email', ${email}::text,
            'domain', ${name}::text, 'roleIds', jsonb_build_array(role_id)) as after from joined`,
      ],
    ],
  });
  if (reason === null) return;
  const refused = auditInsert(by, {
    ...{ action: 'member.not_joined', targetType: 'member', targetId: sql`${userId}::text` },
    after: sql`jsonb_build_object('email', ${email}::text, 'domain', ${name}::text, 'reason', ${reason}::text)`,
    from: sql`(select) as nothing`,
  });
  await withTenant(db, tenantId, (db) => [db.execute(refused)]);
}

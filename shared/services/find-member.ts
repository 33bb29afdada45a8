import { and, eq, sql } from 'drizzle-orm';
import type { Database } from '../db/client.ts';
import { identities, permissions, rolePermissions, roles, userRoles, users } from '../db/schema/identity.ts';
import { withTenant } from '../db/with-tenant.ts';

/** A person within one tenant, with what all of their roles there permit. */
export interface Member {
  readonly userId: string;
  readonly permissions: string[];
}

/** A person whom an identity provider knows. */
export interface IssuerSubject {
  readonly issuer: string;
  readonly subject: string;
  /** The tenant whose provider it is; null: the platform's. */
  readonly homeTenantId: string | null;
}

/**
 * Finds the member whom an OIDC subject is. Null when the tenant has given them no role, or they are disabled. The
 * caller has verified that the token is the issuer's, and whose provider the issuer is.
 */
export function findMember(
  input: { readonly db: Database; readonly tenantId: string } & IssuerSubject,
): Promise<Member | null> {
  const { db, tenantId, issuer, subject, homeTenantId } = input;
  return findWhere(
    db,
    tenantId,
    sql`exists (select from ${identities} where ${and(
      eq(identities.userId, users.id),
      eq(identities.provider, 'oidc'),
      eq(identities.issuer, issuer),
      eq(identities.subject, subject),
      sql`${identities.homeTenantId} is not distinct from ${homeTenantId}::uuid`,
    )})`,
  );
}

/** Finds the member whom a person is, likewise. */
export function findMemberById(input: {
  readonly db: Database;
  readonly tenantId: string;
  readonly userId: string;
}): Promise<Member | null> {
  const { db, tenantId, userId } = input;
  return findWhere(db, tenantId, sql`${users.id} = ${userId}`);
}

async function findWhere(db: Database, tenantId: string, person: ReturnType<typeof sql>): Promise<Member | null> {
  const [rows] = await withTenant(db, tenantId, (db) => [
    db
      .selectDistinct({ userId: users.id, permission: permissions.name })
      .from(users)
      .innerJoin(userRoles, eq(userRoles.userId, users.id))
      .innerJoin(roles, eq(roles.id, userRoles.roleId))
      .leftJoin(
        rolePermissions,
        and(
          eq(rolePermissions.roleId, roles.id),
          sql`${rolePermissions.tenantId} is not distinct from ${roles.tenantId}`,
        ),
      )
      .leftJoin(permissions, eq(permissions.id, rolePermissions.permissionId))
      .where(and(eq(users.status, 'active'), person)),
  ]);
  const [first] = rows;
  if (!first) return null;
  return { userId: first.userId, permissions: rows.flatMap(({ permission }) => permission ?? []) };
}

import { and, eq, sql } from 'drizzle-orm';
import type { Database } from '../db/client.ts';
import { identities, permissions, rolePermissions, roles, userRoles, users } from '../db/schema/identity.ts';
import { withTenant } from '../db/with-tenant.ts';

/** A person within one tenant, with what all of their roles there permit. */
export interface Member {
  readonly userId: string;
  readonly permissions: string[];
}

/**
 * Finds the member whom an OIDC subject is. Null when the tenant has given them no role, or they are disabled. The
 * caller has verified that the token is the issuer's.
 */
export async function findMember(input: {
  readonly db: Database;
  readonly tenantId: string;
  readonly issuer: string;
  readonly subject: string;
}): Promise<Member | null> {
  const { db, tenantId, issuer, subject } = input;
  const [rows] = await withTenant(db, tenantId, (db) => [
    db
      .selectDistinct({ userId: users.id, permission: permissions.name })
      .from(identities)
      .innerJoin(users, and(eq(users.id, identities.userId), eq(users.status, 'active')))
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
      .where(and(eq(identities.provider, 'oidc'), eq(identities.issuer, issuer), eq(identities.subject, subject))),
  ]);
  const [first] = rows;
  if (!first) return null;
  return { userId: first.userId, permissions: rows.flatMap(({ permission }) => permission ?? []) };
}

import { sql } from 'drizzle-orm';
import type { Member } from '../contracts/http/members.ts';
import type { Database } from '../db/client.ts';
import { withTenant } from '../db/with-tenant.ts';
import { selectMembers, toMember } from './member-fields.ts';

/** A member of a tenant, or null when the tenant has none of this id. */
export async function getMember(input: {
  readonly db: Database;
  readonly tenantId: string;
  readonly userId: string;
}): Promise<Member | null> {
  const { db, tenantId, userId } = input;
  const [{ rows }] = await withTenant(db, tenantId, (db) => [
    db.execute<{ fields: unknown }>(selectMembers(tenantId, sql`users.id = ${userId}::uuid`)),
  ]);
  return rows[0] ? toMember(rows[0].fields) : null;
}

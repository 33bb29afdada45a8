import { type SQL, sql } from 'drizzle-orm';
import { uuidv7 } from 'uuidv7';
import type { Database } from '../db/client.ts';
import { sqlState } from '../db/is-transient.ts';
import { withPerson, withUser } from '../db/with-user.ts';
import { err, ok, type Result } from '../errors/result.ts';
import type { IssuerSubject } from './find-member.ts';
import { isFull } from './member-seats.ts';
import { isOffered } from './role-grants.ts';
import { linkProvisionedPerson } from './scim/link-provisioned-person.ts';

const UNIQUE_VIOLATION = '23505';

/** What an identity provider says of who signed in, verified. */
export interface IdentityClaims extends IssuerSubject {
  /** Null: it says none. */
  readonly email: string | null;
  readonly emailVerified: boolean;
  readonly name: string | null;
}

/** What becomes of somebody who is new, in the tenant whose provider it is. */
export interface Join {
  readonly tenantId: string;
  readonly providerId: string;
  /** What the provider calls them by SCIM; null: it does not say. */
  readonly externalId: string | null;
  /** Their role, unless it has made them by SCIM; null: none. */
  readonly roleId: string | null;
  readonly requestId: string;
}

/**
 * `email_missing`: a new person needs an address; one from the platform's provider a verified one. `email_taken`: another
 * identity has it; people are never linked by their address.
 */
export type SignInRefusal = 'email_missing' | 'email_taken' | 'disabled';

/** A person as an access token or a sign-in finds them. */
export interface Person {
  readonly userId: string;
  readonly email: string;
  readonly emailVerified: boolean;
  readonly name: string;
  readonly status: 'active' | 'disabled';
}

/** Finds the person of an identity, by issuer and subject. Null: they never signed in. */
export async function findPerson(input: { readonly db: Database } & IssuerSubject): Promise<Person | null> {
  const { db, issuer, subject, homeTenantId } = input;
  const [, { rows }] = await withPerson(db, { issuer, subject }, (db) => [
    db.execute(sql`
      select set_config('app.user', coalesce((
        select user_id::text from identities where provider = 'oidc' and issuer = ${issuer} and subject = ${subject}
          and home_tenant_id is not distinct from ${homeTenantId}::uuid), ''), true)`),
    db.execute<Record<string, unknown> & Person>(sql`
      select id as "userId", email, email_verified as "emailVerified", name, status from users
      where id = nullif(current_setting('app.user', true), '')::uuid`),
  ]);
  return rows[0] ?? null;
}

/**
 * The person whom an identity provider names: as known by issuer and subject, or made by it before (see
 * `linkProvisionedPerson`), or made now, with their first identity.
 * Someone known gets the name and the address that the provider has for them by now, unless another person has that.
 */
export async function signInPerson(
  db: Database,
  claims: IdentityClaims,
  join: Join | null,
): Promise<Result<{ readonly userId: string; readonly isNew: boolean }, SignInRefusal>> {
  const known = (await findPerson({ db, ...claims })) ?? (await findProvisioned(db, claims, join));
  if (known) return await recognise(db, known, claims);
  const { email, emailVerified, homeTenantId } = claims;
  if (email === null || (homeTenantId === null && !emailVerified)) return err('email_missing');
  try {
    return ok({ userId: await create(db, { ...claims, email }, join), isNew: true });
  } catch (error) {
    if (sqlState(error) !== UNIQUE_VIOLATION) throw error;
    const meanwhile = await findPerson({ db, ...claims }); // two first sign-ins at the same time
    return meanwhile ? await recognise(db, meanwhile, claims) : err('email_taken');
  }
}

/** Who was made before they came, and has come now. */
async function findProvisioned(db: Database, claims: IdentityClaims, join: Join | null): Promise<Person | null> {
  if (join === null || join.externalId === null) return null;
  const { issuer, subject } = claims;
  await linkProvisionedPerson(db, { ...join, issuer, subject, externalId: join.externalId });
  return await findPerson({ db, ...claims });
}

async function recognise(db: Database, known: Person, claims: IdentityClaims) {
  if (known.status === 'disabled') return err('disabled' as const);
  const { userId } = known;
  const isWorthIt = claims.emailVerified || claims.homeTenantId !== null;
  const told = {
    email: claims.email !== null && isWorthIt ? claims.email : known.email,
    emailVerified: claims.email !== null && isWorthIt ? claims.emailVerified : known.emailVerified,
    name: claims.name ?? known.name,
  };
  if (told.email === known.email && told.emailVerified === known.emailVerified && told.name === known.name) {
    return ok({ userId, isNew: false });
  }
  try {
    await withUser(db, userId, (db) => [
      db.execute(sql`
        update users set email = ${told.email}, email_verified = ${told.emailVerified}, name = ${told.name},
          updated_at = now() where id = ${userId}`),
    ]);
  } catch (error) {
    if (sqlState(error) !== UNIQUE_VIOLATION) throw error; // another person has the address: theirs stays as it was
  }
  return ok({ userId, isNew: false });
}

async function create(
  db: Database,
  claims: IdentityClaims & { readonly email: string },
  join: Join | null,
): Promise<string> {
  const { issuer, subject, homeTenantId, email, emailVerified, name } = claims;
  const userId = uuidv7();
  await withUser(db, userId, (db) => [
    db.execute(sql`
      insert into users (id, email, name, email_verified, home_tenant_id)
      values (${userId}, ${email}, ${name ?? email}, ${emailVerified}, ${homeTenantId}::uuid)`),
    db.execute(sql`
      insert into identities (id, user_id, provider, issuer, subject, home_tenant_id)
      values (${uuidv7()}, ${userId}, 'oidc', ${issuer}, ${subject}, ${homeTenantId}::uuid)`),
    ...(join === null || join.roleId === null
      ? []
      : joining(userId, email, { ...join, roleId: join.roleId }).map((statement) => db.execute(statement))),
  ]);
  return userId;
}

/**
 * A role for a new person, with its audit row, unless the tenant's plan has no room for another member or not the role: then
 * the audit row says so.
 */
function joining(
  userId: string,
  email: string,
  { tenantId, roleId, requestId }: Join & { readonly roleId: string },
): SQL[] {
  return [
    sql`select set_config('app.tenant', ${tenantId}, true)`,
    sql`select from tenants where id = ${tenantId} for no key update`,
    sql`
      with wanted as (
        select roles.id, case when not ${isOffered(tenantId, sql`roles`)} then 'not_offered'
          when ${isFull(tenantId)} then 'member_limit' end as reason
        from roles where roles.id = ${roleId}),
      joined as (
        insert into user_roles (tenant_id, user_id, role_id)
        select ${tenantId}::uuid, ${userId}::uuid, id from wanted where reason is null)
      insert into audit_logs (id, tenant_id, actor_user_id, action, target_type, target_id, metadata)
      select ${uuidv7()}::uuid, ${tenantId}::uuid, ${userId}::uuid,
        case when reason is null then 'member.joined' else 'member.not_joined' end, 'member', ${userId},
        jsonb_build_object('requestId', ${requestId}::text, 'after', jsonb_build_object('email', ${email}::text)
          || case when reason is null then jsonb_build_object('roleIds', jsonb_build_array(id))
            else jsonb_build_object('reason', reason) end)
      from wanted`,
    sql`select set_config('app.tenant', '', true)`,
  ];
}

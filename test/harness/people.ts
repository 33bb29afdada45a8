import { importJWK, type JWK, SignJWT } from 'jose';
import { ownerSql, testEnv } from './mint-tenant.ts';

/** Somebody who can sign in at the platform's identity provider. */
export interface TestPerson {
  readonly userId: string;
  readonly email: string;
  /** Headers of a request of theirs that names no tenant. */
  readonly headers: Record<string, string>;
  /** Headers of a request of theirs in a tenant. */
  in(tenantId: string): Record<string, string>;
}

/** Makes a person of one's own for a test, a member of no tenant, with an access token as the identity provider signs it. */
export async function mintPerson({ emailVerified = true } = {}): Promise<TestPerson> {
  const userId = crypto.randomUUID();
  const email = `${userId}@example.test`;
  const sql = ownerSql();
  await sql.transaction([
    sql`insert into users (id, email, name, email_verified) values (${userId}, ${email}, 'Person', ${emailVerified})`,
    sql`insert into identities (user_id, provider, issuer, subject)
        values (${userId}, 'oidc', ${testEnv.OIDC_ISSUER}, ${userId})`,
  ]);
  const jwk: JWK = JSON.parse(testEnv.SIGNING_KEY);
  const token = await new SignJWT({ client_id: 'test', jti: crypto.randomUUID() })
    .setProtectedHeader({ alg: 'RS256', typ: 'at+jwt', kid: jwk.kid ?? '' })
    .setIssuer(testEnv.OIDC_ISSUER)
    .setAudience(testEnv.OIDC_AUDIENCE)
    .setSubject(userId)
    .setIssuedAt()
    .setExpirationTime('1h')
    .sign(await importJWK(jwk, 'RS256'));
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  return { userId, email, headers, in: (tenantId) => ({ ...headers, 'x-tenant-id': tenantId }) };
}

/** Gives a person a built-in role in a tenant, as an invitation that they accepted would. */
export async function joinAs({ userId }: Pick<TestPerson, 'userId'>, tenantId: string, role: string): Promise<void> {
  await ownerSql()`insert into user_roles (tenant_id, user_id, role_id)
    select ${tenantId}, ${userId}, id from roles where name = ${role} and tenant_id is null`;
}

/** The id of a built-in role. */
export async function builtInRole(name: string): Promise<string> {
  const [row] = await ownerSql()`select id from roles where name = ${name} and tenant_id is null`;
  if (!row) throw new Error(`no role ${name}`);
  return row.id;
}

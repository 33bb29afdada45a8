import { hashScimToken, mintScimToken } from '../../shared/auth/scim-token.ts';
import { call } from './gateway-client.ts';
import { mintTenant, ownerSql, type TestTenant, testEnv } from './mint-tenant.ts';
import { joinAs, mintPerson, type TestPerson } from './people.ts';
import { done } from './send.ts';

export const USERS = '/v1/scim/v2/Users';
export const GROUPS = '/v1/scim/v2/Groups';

type Headers = Readonly<Record<string, string>>;

/** A tenant whose own identity provider provisions it. */
export interface ProvisionedTenant extends TestTenant {
  readonly owner: TestPerson;
  /** Headers of the owner. */
  readonly as: Record<string, string>;
  readonly providerId: string;
  /** Headers of the identity provider. */
  readonly scim: Record<string, string>;
}

/** Headers of a SCIM token that is put into the database as it would be made. */
export async function scimHeaders(tenantId: string, providerId: string): Promise<Record<string, string>> {
  const { token, tokenPrefix } = mintScimToken({ region: 'eu', tenantId });
  await ownerSql()`insert into scim_tokens (tenant_id, identity_provider_id, name, token_prefix, token_hash)
    values (${tenantId}, ${providerId}, 'test', ${tokenPrefix}, ${await hashScimToken(token)})`;
  return { authorization: `Bearer ${token}`, 'content-type': 'application/scim+json' };
}

/** A tenant of the enterprise plan with an owner, an identity provider and its token. */
export async function provisionedTenant({ plan = 'enterprise', defaultRoleId = null as string | null } = {}) {
  const tenant = await mintTenant({ scopes: ['members:write', 'members:read', 'usage:read'] });
  const owner = await mintPerson();
  await joinAs(owner, tenant.tenantId, 'owner');
  const providerId = crypto.randomUUID();
  await ownerSql().transaction([
    ownerSql()`update tenants set plan = ${plan} where id = ${tenant.tenantId}`,
    ownerSql()`insert into identity_providers (id, tenant_id, name, issuer, client_id, default_role_id)
      values (${providerId}, ${tenant.tenantId}, 'own', ${testEnv.TENANT_ISSUER}, 'eufm', ${defaultRoleId})`,
  ]);
  const scim = await scimHeaders(tenant.tenantId, providerId);
  return { ...tenant, owner, as: owner.in(tenant.tenantId), providerId, scim } satisfies ProvisionedTenant;
}

/** A body of SCIM that asks for changes. */
export function patchOf(...Operations: object[]) {
  return { schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'], Operations };
}

/** Makes a person by SCIM; answers their id. */
export async function makeUser(scim: Headers, more: object = {}): Promise<string> {
  const name = `${crypto.randomUUID()}@example.test`;
  const input = { userName: name, externalId: name, emails: [{ value: name, primary: true }], ...more };
  return (await done<{ id: string }>(scim, 'POST', USERS, input)).id;
}

/** Makes a group by SCIM, which gives a role; answers its id. */
export async function makeGroup(tenant: ProvisionedTenant, roleId: string | null, members: readonly string[] = []) {
  const input = { displayName: crypto.randomUUID(), members: members.map((value) => ({ value })) };
  const { id } = await done<{ id: string }>(tenant.scim, 'POST', GROUPS, input);
  if (roleId !== null) await mapGroup(tenant, id, roleId);
  return id;
}

/** Says which role a group gives. */
export async function mapGroup({ as, providerId }: ProvisionedTenant, groupId: string, roleId: string | null) {
  await done(as, 'PUT', `/v1/identity-providers/${providerId}/scim-groups/${groupId}`, { roleId });
}

/** What SCIM says of a request that it refuses: its status, and what it calls the reason. */
export async function scimRefusal(headers: Headers, method: string, path: string, body?: unknown) {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const response = await call(method, path, { headers, ...(body !== undefined && { body: text }) });
  const told = await response.json<{ schemas: string[]; status: string; scimType?: string; detail: string }>();
  if (told.schemas[0] !== 'urn:ietf:params:scim:api:messages:2.0:Error' || told.status !== String(response.status)) {
    throw new Error(`${method} ${path}: ${response.status} ${JSON.stringify(told)}`);
  }
  return [response.status, told.scimType ?? null] as const;
}

/** What was recorded in a tenant since it was made, oldest first. */
export async function auditOf({ tenantId }: TestTenant): Promise<string[]> {
  const rows = await ownerSql()`select action from audit_logs where tenant_id = ${tenantId} order by created_at, id`;
  return rows.map(({ action }) => action);
}

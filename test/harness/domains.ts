import type { Domain } from '../../shared/contracts/http/domains.ts';
import type { Published } from './dns-resolver.ts';
import { mintTenant, ownerSql, type TestTenant, testEnv } from './mint-tenant.ts';
import { joinAs, mintPerson, type TestPerson } from './people.ts';
import { done } from './send.ts';

/** Puts texts into DNS, in place of what was there under the name. */
export async function publish(name: string, said: Published): Promise<void> {
  await fetch(`${testEnv.DNS_ZONE_URL}?${new URLSearchParams({ name })}`, {
    method: 'PUT',
    body: JSON.stringify(said),
  });
}

/** How often a name was looked up. */
export async function lookUpsOf(name: string): Promise<number> {
  return await (await fetch(`${testEnv.DNS_ZONE_URL}?${new URLSearchParams({ name })}`)).json<number>();
}

/** A domain that no other test has. */
export const someDomain = () => `${crypto.randomUUID()}.example`;

export interface Owned extends TestTenant {
  readonly owner: TestPerson;
  /** Headers of the owner's requests. */
  readonly as: Record<string, string>;
}

/** A tenant with an owner, of a plan. */
export async function ownedTenant(plan = 'starter'): Promise<Owned> {
  const [tenant, owner] = [await mintTenant(), await mintPerson()];
  await joinAs(owner, tenant.tenantId, 'owner');
  await ownerSql()`update tenants set plan = ${plan} where id = ${tenant.tenantId}`;
  return { ...tenant, owner, as: owner.in(tenant.tenantId) };
}

export const claim = ({ as }: Owned, name: string, defaultRoleId: string | null = null) =>
  done<Domain>(as, 'POST', '/v1/domains', { name, defaultRoleId });

/** A domain that a tenant has proven, its record being the only one there. */
export async function provenDomain(tenant: Owned, defaultRoleId: string | null = null): Promise<Domain> {
  const claimed = await claim(tenant, someDomain(), defaultRoleId);
  await publish(claimed.record.name, [claimed.record.value]);
  return await done<Domain>(tenant.as, 'POST', `/v1/domains/${claimed.id}/verify`);
}

/** Actions of a tenant's audit log, oldest first, with what they were done to. */
export async function auditOf({
  tenantId,
}: TestTenant): Promise<{ action: string; target: string; metadata: object }[]> {
  const rows = await ownerSql()`select action, target_id as target, metadata from audit_logs
    where tenant_id = ${tenantId} order by created_at, id`;
  return rows.map(({ action, target, metadata }) => ({ action, target, metadata }));
}

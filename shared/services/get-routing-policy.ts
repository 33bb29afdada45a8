import { and, eq } from 'drizzle-orm';
import type { RoutingPolicy } from '../contracts/http/routing-policies.ts';
import { type SnapshotRoutingPolicy, snapshotRoutingPolicy } from '../contracts/routing-policy.ts';
import type { Database } from '../db/client.ts';
import { routingPolicies, routingPolicyVersions } from '../db/schema/configuration.ts';
import { withTenant } from '../db/with-tenant.ts';
import { ROUTING_POLICIES, toRoutingPolicy } from './routing-policy-fields.ts';

interface Wanted {
  readonly db: Database;
  readonly tenantId: string;
  readonly id: string;
}

/** A routing policy, or null when the tenant has no such one. */
export async function getRoutingPolicy({ db, tenantId, id }: Wanted): Promise<RoutingPolicy | null> {
  const [[row]] = await withTenant(db, tenantId, (db) => [
    db.select({ fields: ROUTING_POLICIES.fields }).from(routingPolicies).where(eq(routingPolicies.id, id)),
  ]);
  return row ? toRoutingPolicy(row.fields) : null;
}

/**
 * One version of a routing policy as requests would be decided by it: the named one, or else the draft, or else what
 * decides. Null when there is none, or none of a form that is known.
 */
export async function getRoutingPolicyVersion(
  input: Wanted & { readonly version: number | undefined },
): Promise<SnapshotRoutingPolicy | null> {
  const { db, tenantId, id, version } = input;
  const { policyId, version: ofVersion, strategy } = routingPolicyVersions;
  const [[policy], [named]] = await withTenant(db, tenantId, (db) => [
    db.select().from(routingPolicies).where(eq(routingPolicies.id, id)),
    db
      .select({ version: ofVersion, strategy })
      .from(routingPolicyVersions)
      .where(and(eq(policyId, id), eq(ofVersion, version ?? 0))),
  ]);
  if (!policy || (version !== undefined && !named)) return null;
  const { name, draft, latestVersion, publishedVersion } = policy;
  const newest =
    draft === null
      ? { version: publishedVersion, strategy: policy.strategy }
      : { version: latestVersion, strategy: draft };
  const chosen = named ?? newest;
  if (typeof chosen.strategy !== 'object' || chosen.strategy === null) return null;
  const read = snapshotRoutingPolicy.safeParse({ ...chosen.strategy, id, name, version: chosen.version });
  return read.data ?? null;
}

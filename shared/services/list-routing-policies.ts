import type { Page, PageQuery } from '../contracts/http/page.ts';
import type { RoutingPolicy } from '../contracts/http/routing-policies.ts';
import type { Database } from '../db/client.ts';
import { listConfiguration } from './list-configuration.ts';
import { ROUTING_POLICIES, toRoutingPolicy } from './routing-policy-fields.ts';

/** A page of a tenant's routing policies, oldest first. */
export async function listRoutingPolicies(input: {
  readonly db: Database;
  readonly tenantId: string;
  readonly page: PageQuery;
}): Promise<Page<RoutingPolicy>> {
  const { data, nextCursor } = await listConfiguration({ ...input, kind: ROUTING_POLICIES });
  return { data: data.map(toRoutingPolicy), nextCursor };
}

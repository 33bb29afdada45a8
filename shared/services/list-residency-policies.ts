import { sql } from 'drizzle-orm';
import type { Page, PageQuery } from '../contracts/http/page.ts';
import type { ResidencyPolicy } from '../contracts/http/residency-policies.ts';
import type { Database } from '../db/client.ts';
import { listConfiguration } from './list-configuration.ts';
import { RESIDENCY_POLICIES, toResidencyPolicy } from './residency-policy-fields.ts';

interface Wanted {
  readonly db: Database;
  readonly tenantId: string;
}

/** A page of a tenant's residency policies, oldest first. */
export async function listResidencyPolicies(
  input: Wanted & { readonly page: PageQuery },
): Promise<Page<ResidencyPolicy>> {
  const { data, nextCursor } = await listConfiguration({ ...input, kind: RESIDENCY_POLICIES });
  return { data: data.map(toResidencyPolicy), nextCursor };
}

/** One of them; null when the tenant has none of this id. */
export async function getResidencyPolicy(input: Wanted & { readonly id: string }): Promise<ResidencyPolicy | null> {
  const page = { limit: 1 };
  const condition = sql`id = ${input.id}`;
  const { data } = await listConfiguration({ ...input, kind: RESIDENCY_POLICIES, page, condition });
  return data[0] === undefined ? null : toResidencyPolicy(data[0]);
}

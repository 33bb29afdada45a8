import { sql } from 'drizzle-orm';
import type { Page, PageQuery } from '../../contracts/http/page.ts';
import type { ScimToken } from '../../contracts/http/scim-tokens.ts';
import type { Database } from '../../db/client.ts';
import { listConfiguration } from '../list-configuration.ts';
import { SCIM_TOKENS, toScimToken } from './scim-token-fields.ts';

/** A page of the tokens of a tenant's identity provider, oldest first, those that are revoked too. */
export async function listScimTokens(input: {
  readonly db: Database;
  readonly tenantId: string;
  readonly providerId: string;
  readonly page: PageQuery;
}): Promise<Page<ScimToken>> {
  const condition = sql`identity_provider_id = ${input.providerId}::uuid`;
  const { data, nextCursor } = await listConfiguration({ ...input, kind: SCIM_TOKENS, condition });
  return { data: data.map(toScimToken), nextCursor };
}

import { sql } from 'drizzle-orm';
import type { ApiKey, ApiKeyQuery } from '../contracts/http/api-keys.ts';
import type { Page } from '../contracts/http/page.ts';
import type { Database } from '../db/client.ts';
import { API_KEYS, apiKeyStatus, toApiKey } from './api-key-fields.ts';
import { listConfiguration } from './list-configuration.ts';

/** A page of a tenant's keys, oldest first: of one environment or status where that is asked for. */
export async function listApiKeys(input: {
  readonly db: Database;
  readonly tenantId: string;
  readonly query: ApiKeyQuery;
}): Promise<Page<ApiKey>> {
  const { db, tenantId, query } = input;
  const { environmentId, status, ...page } = query;
  const isThere = environmentId === undefined ? sql`true` : sql`environment_id = ${environmentId}`;
  const isSo = status === undefined ? sql`true` : sql`${apiKeyStatus} = ${status}`;
  const condition = sql`${isThere} and ${isSo}`;
  const { data, nextCursor } = await listConfiguration({ db, tenantId, kind: API_KEYS, page, condition });
  return { data: data.map(toApiKey), nextCursor };
}

import type { RequestRecorded } from '../../shared/contracts/queues.ts';
import { createDatabase } from '../../shared/db/client.ts';
import { firstIdAt } from '../../shared/domain/usage/request-id-time.ts';
import { recordRequests } from '../../shared/services/record-requests.ts';
import { call } from './gateway-client.ts';
import { type TestTenant, testEnv } from './mint-tenant.ts';

/** An id as a lease gives them, of a time (epoch milliseconds). */
export function requestIdAt(time: number): string {
  return firstIdAt(time).slice(0, 14) + crypto.randomUUID().slice(14);
}

/** Records requests of a tenant as the ledger does: completed ones of 3 and 4 tokens and 7 pico-dollars, or as said. */
export async function record(
  tenant: TestTenant,
  changes: readonly (Partial<RequestRecorded> & Pick<RequestRecorded, 'startedAt'>)[],
): Promise<RequestRecorded[]> {
  const { environmentId, apiKeyId, tenantId } = tenant;
  const events = changes.map(
    (change): RequestRecorded => ({
      ...{ type: 'request.recorded', requestId: requestIdAt(change.startedAt), revision: 1, environmentId, apiKeyId },
      ...{ provider: 'openai', model: 'gpt-4o-mini', taskType: 'chat', status: 'completed', errorCode: null },
      ...{ usage: { inputTokens: 3, outputTokens: 4 }, costPicoUsd: '7', priceVersion: crypto.randomUUID() },
      ...{ latencyMs: 100, endedAt: change.startedAt + 100, traceId: null, metadata: {} },
      ...change,
    }),
  );
  const { LEDGER_DATABASE_URL: databaseUrl, NEON_ENDPOINT: neonEndpoint } = testEnv;
  await recordRequests({ db: createDatabase({ databaseUrl, neonEndpoint }), tenantId, events });
  return events;
}

/** Reads what must be there. */
export async function read<T>({ headers }: TestTenant, path: string): Promise<T> {
  const response = await call('GET', path, { headers });
  if (!response.ok) throw new Error(`GET ${path}: ${response.status} ${await response.text()}`);
  return response.json<T>();
}

export interface TestPage<Item> {
  readonly data: Item[];
  readonly nextCursor: string | null;
}

/** All pages of a list. Throws when they do not end. */
export async function readAll<Item>(tenant: TestTenant, path: string, most = 50): Promise<Item[]> {
  const items: Item[] = [];
  let cursor = '';
  for (let pages = 0; pages < most; pages++) {
    const page = await read<TestPage<Item>>(tenant, `${path}${cursor && `&cursor=${cursor}`}`);
    items.push(...page.data);
    if (page.nextCursor === null) return items;
    cursor = page.nextCursor;
  }
  throw new Error(`${path} has more than ${most} pages`);
}

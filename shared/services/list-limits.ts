import { type LimitQuery, type LimitView, toLimitView } from '../contracts/http/limits.ts';
import type { Page } from '../contracts/http/page.ts';
import type { TenantGateRpc } from '../contracts/rpc.ts';

/**
 * A page of a tenant's limits by their ids, as TenantGate counts them. An environment or key asks for the limits that are
 * its own, not for those of all. The cursor is the last limit's id.
 */
export async function listLimits(input: {
  readonly gate: Pick<TenantGateRpc, 'limits'>;
  readonly query: LimitQuery;
}): Promise<Page<LimitView>> {
  const { gate, query } = input;
  const { kind, unit, environmentId, apiKeyId, cursor = '', limit } = query;
  const found = (await gate.limits())
    .map(toLimitView)
    .filter(
      (view) =>
        view.limitId > cursor &&
        (kind === undefined || view.kind === kind) &&
        (unit === undefined || view.unit === unit) &&
        (environmentId === undefined || view.scope.environmentId === environmentId) &&
        (apiKeyId === undefined || view.scope.apiKeyId === apiKeyId),
    )
    .sort((one, other) => (one.limitId < other.limitId ? -1 : 1));
  const data = found.slice(0, limit);
  const last = found.length > limit ? data.at(-1) : undefined;
  return { data, nextCursor: last?.limitId ?? null };
}

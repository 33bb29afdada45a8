import * as z from 'zod';
import { rangeProblem } from '../../../../shared/contracts/http/metrics.ts';
import type { Dimension, Granularity } from '../../../../shared/contracts/metrics.ts';
import type { DomainError } from '../../../../shared/errors/domain-error.ts';
import { err, ok, type Result } from '../../../../shared/errors/result.ts';
import type { SumFilters, SumPlace, SumQuery } from '../../../../shared/services/sum-pages.ts';
import { lastCounted, usageAsOf } from '../../../../shared/services/usage-as-of.ts';
import type { AppContext } from '../../app-context.ts';
import { UNAVAILABLE_RETRY_MS } from '../../constants.ts';
import { readCursor, writeCursor } from '../../list-cursor.ts';

const DAY_MS = 86_400_000;

interface MetricInput extends SumFilters {
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly timeZone?: string | undefined;
  readonly granularity?: Granularity | undefined;
  readonly groupBy: readonly Dimension[];
  readonly limit: number;
  readonly cursor?: string | undefined;
}

/** What a metric's parameters ask for, with what they leave out: the last 24 hours, in the tenant's own time zone. */
export function toSumQuery(context: AppContext, input: MetricInput): Result<SumQuery, DomainError> {
  const now = context.get('ports').now();
  const to = input.to === undefined ? now : Date.parse(input.to);
  const from = input.from === undefined ? to - DAY_MS : Date.parse(input.from);
  const granularity = input.granularity ?? null;
  const problem = rangeProblem({ from, to, granularity });
  if (problem) return err(invalid(problem.pointer, problem.detail));
  const dimensions = input.groupBy;
  const after = input.cursor === undefined ? null : readPlace(input.cursor, dimensions.length);
  if (after === undefined) return err(invalid('/cursor', 'It is not a cursor of this query.'));
  const { environmentId, apiKeyId, provider, model, routingPolicyId, limit } = input;
  const timeZone = zoneOf(context, input.timeZone);
  const filters = { environmentId, apiKeyId, provider, model, routingPolicyId };
  return ok({ from, to, granularity, timeZone, dimensions, filters, limit, after });
}

/** The time zone that is asked for, or the tenant's. */
export function zoneOf(context: AppContext, timeZone: string | undefined): string {
  return timeZone ?? context.get('tenant').snapshot.timeZone;
}

/** A page of sums as it is answered. */
export function toPage<Item>(
  { data, next }: { readonly data: Item[]; readonly next: SumPlace | null },
  asOf: string | null,
) {
  return { data, nextCursor: next && writeCursor(next), asOf };
}

/**
 * Reads what is counted of the tenant's requests, having asked first until when that is complete; when TenantGate does
 * not answer, it is as new as what was counted last. An outage of Postgres is an error that says when to try again.
 */
export async function readMetrics<T>(
  context: AppContext,
  read: () => Promise<T>,
): Promise<Result<{ readonly value: T; readonly asOf: string | null }, DomainError>> {
  const { db, gate, now } = context.get('ports');
  const { tenantId } = context.get('tenant');
  try {
    const asked = await usageAsOf({ gate: (shard) => gate(tenantId, shard), now: now() });
    const asOf = asked ?? (await lastCounted({ db, tenantId }));
    return ok({ value: await read(), asOf: asOf === null ? null : new Date(asOf).toISOString() });
  } catch (error) {
    context.get('logger').error('usage.unavailable', { error });
    const detail = 'Usage cannot be read right now; it goes on being counted.';
    return err({ code: 'unavailable', detail, retryAfterMs: UNAVAILABLE_RETRY_MS });
  }
}

function readPlace(cursor: string, dimensions: number): SumPlace | undefined {
  const place = readCursor(cursor, z.tuple([z.int().nonnegative()]).rest(z.string()));
  return place?.length === dimensions + 1 ? place : undefined;
}

function invalid(pointer: string, detail: string): DomainError {
  return { code: 'bad_request', detail, errors: [{ pointer, detail }] };
}

import { type SQL, sql } from 'drizzle-orm';
import { withTenant } from '../db/with-tenant.ts';
import { auditInsert } from './audit-insert.ts';
import type { ChangeContext } from './change-configuration.ts';
import { asRepeated, beginChange, notMade } from './once.ts';

/** A change that reads before it writes. */
export interface RecordedChange {
  /** What its transaction begins with: what it may see beyond the tenant's, and what it waits for. */
  readonly first?: readonly SQL[];
  /** `<resource>.<verb>`, as in `member.updated`. */
  readonly action: string;
  readonly targetType: string;
  /**
   * Common table expressions by name, in order. The last ones are `refusal (reason)`, one row whose null lets the change be
   * made, and `changed (id, before, after)`, which has a row if it was: JSON of what people may see, or null.
   */
  readonly steps: readonly (readonly [name: string, query: SQL])[];
  /** Statements of the same transaction that come before the change, and such that see what it did. */
  readonly before?: readonly SQL[];
  readonly behind?: readonly SQL[];
}

/** What became of it. Neither a refusal nor anything to change: `after` and `reason` are null. */
export interface RecordedOutcome<Reason extends string> {
  readonly isChanged: boolean;
  readonly after: unknown;
  readonly reason: Reason | null;
}

/**
 * Makes a change and writes its audit row in one statement, after every other change of the tenant's. What the data plane
 * must know raises the tenant's configuration version in a step of its own. Throws where a key is taken. `Reason` is one of
 * those that the step `refusal` can have.
 */
export async function recordChange<Reason extends string>(
  by: ChangeContext,
  change: RecordedChange,
): Promise<RecordedOutcome<Reason>> {
  const { db, tenantId } = by;
  const { first = [], action, targetType, steps, before = [], behind = [] } = change;
  const audited = auditInsert(by, {
    ...{ action, targetType, targetId: sql`changed.id`, from: sql`changed` },
    before: sql`changed.before`,
    after: sql`changed.after`,
  });
  const named = steps.map(([name, query]) => sql`${sql.identifier(name)} as (${query})`);
  const statement = sql`
    with ${sql.join(named, sql`, `)}, audited as (${audited})${notMade(by)}
    select exists (select from changed) as is_changed, (select after from changed) as after,
      (select reason from refusal) as reason`;
  const [{ rows }] = await withTenant(
    db,
    tenantId,
    (db) => [
      db.execute<{ is_changed: boolean; after: unknown; reason: Reason | null }>(statement),
      ...behind.map((query) => db.execute(query)),
    ],
    [...first, beginChange(by), ...before],
  ).catch(async (error: unknown) => {
    throw await asRepeated(by, error);
  });
  const [row] = rows;
  return { isChanged: row?.is_changed === true, after: row?.after ?? null, reason: row?.reason ?? null };
}

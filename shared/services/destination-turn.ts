import { type SQL, sql } from 'drizzle-orm';
import * as z from 'zod';
import type { StatementRunner } from '../db/statement-runner.ts';
import type { DeliveryTarget } from './send-checkpoint.ts';

/** How long a run has a destination for itself, from each delivery on: longer than an attempt takes. */
const LEASE_MS = 120_000;

/** A destination of a tenant's. */
export interface DestinationId {
  readonly tenantId: string;
  readonly id: string;
}

/** A destination as a run found it. */
export interface ClaimedDestination {
  readonly target: DeliveryTarget;
  readonly sealed: string;
  /** Size of the last checkpoint that was delivered. */
  readonly delivered: number;
  /** Attempts that failed since. */
  readonly failures: number;
}

const bucket = { bucket: z.string(), region: z.string(), accessKeyId: z.string() };
const row = z.object({
  target: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('webhook'), url: z.string() }),
    z.object({ kind: z.literal('s3'), url: z.string(), ...bucket }),
  ]),
  sealed: z.string(),
  delivered: z.coerce.number(),
  failures: z.coerce.number(),
});

/** One run's turn with one destination, kept in its row: no other run has it meanwhile, unless this one dies. */
export class DestinationTurn {
  readonly #statements: StatementRunner;
  readonly #of: DestinationId;
  readonly #now: () => Date;

  constructor(statements: StatementRunner, of: DestinationId, now: () => Date) {
    this.#statements = statements;
    this.#of = of;
    this.#now = now;
  }

  /** Null: there is nothing to deliver now, or another run is at it. */
  claim(): Promise<ClaimedDestination | null> {
    return this.#change(this.#leased, sql`newest_size > delivered_size and next_try_at <= ${this.#in(0)}`);
  }

  /** Notes that the next checkpoint was delivered. False: another run has noted one, or the destination is gone. */
  async noteDelivery(before: number, size: number): Promise<boolean> {
    const noted = await this.#change(
      sql`delivered_size = ${size}, newest_size = greatest(newest_size, ${size}), delivered_at = ${this.#in(0)},
        failures = 0, last_error = null, ${this.#leased}`,
      sql`delivered_size = ${before}`,
    );
    return noted !== null;
  }

  /** Ends the turn with an attempt that failed. */
  async noteFailure(reason: string, failures: number, waitMs: number): Promise<void> {
    await this.#change(sql`failures = ${failures}, last_error = ${reason}, next_try_at = ${this.#in(waitMs)}`);
  }

  /** Ends the turn: what there still is to deliver can be at once. */
  async release(): Promise<void> {
    await this.#change(sql`next_try_at = ${this.#in(0)}`);
  }

  get #leased(): SQL {
    return sql`next_try_at = ${this.#in(LEASE_MS)}`;
  }

  #in(ms: number): SQL {
    return sql`${new Date(this.#now().getTime() + ms).toISOString()}::timestamptz`;
  }

  async #change(set: SQL, condition = sql`true`): Promise<ClaimedDestination | null> {
    const { tenantId, id } = this.#of;
    const [[changed] = []] = await this.#statements.asTenant(tenantId, [
      sql`
        update audit_log_destinations set ${set}
        where tenant_id = ${tenantId}::uuid and id = ${id}::uuid and ${condition}
        returning jsonb_build_object('kind', kind, 'url', url, 'bucket', bucket, 'region', region,
          'accessKeyId', access_key_id) as target, encrypted_secret as sealed, delivered_size::text as delivered, failures`,
    ]);
    return changed === undefined ? null : row.parse(changed);
  }
}

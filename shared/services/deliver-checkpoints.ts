import { sql } from 'drizzle-orm';
import * as z from 'zod';
import type { VaultRpc } from '../contracts/rpc.ts';
import { deliverySecret } from '../crypto/seal-contexts.ts';
import type { StatementRunner } from '../db/statement-runner.ts';
import { backoffMs } from '../platform/backoff.ts';
import { type DestinationId, DestinationTurn } from './destination-turn.ts';
import { type SendPorts, sendCheckpoint } from './send-checkpoint.ts';
import type { SendRefusal } from './send-once.ts';

/** Destinations of one list, and checkpoints of one page. */
const PAGE_SIZE = 50;
const BACKOFF_BASE_MS = 30_000;
const BACKOFF_CAP_MS = 3_600_000;

export interface DeliveryPorts extends SendPorts {
  readonly statements: StatementRunner;
  /** Fails closed: without it nothing is sent. */
  readonly vault: Pick<VaultRpc, 'open'>;
  /** From 0 to below 1. */
  readonly random: () => number;
}

/** `taken`: another run is at it, or there is no such destination any more. */
export type DeliveryOutcome =
  | { readonly kind: 'delivered'; readonly count: number }
  | { readonly kind: 'failed'; readonly reason: string }
  | { readonly kind: 'taken' };

const dueRows = z.array(z.object({ tenantId: z.uuid(), id: z.uuid() }));
const checkpointRows = z.array(z.object({ size: z.coerce.number(), note: z.string() }));

/** Destinations to which something is to be delivered now, of any tenant: a page. Finds others' only as `eufm_ledger`. */
export async function listDueDestinations({ statements, now }: DeliveryPorts): Promise<DestinationId[]> {
  const rows = await statements.run(sql`
    select tenant_id::text as "tenantId", id::text as id from audit_log_destinations
    where newest_size > delivered_size and next_try_at <= ${now().toISOString()}::timestamptz
    order by next_try_at limit ${PAGE_SIZE}`);
  return dueRows.parse(rows);
}

/**
 * Sends a destination all checkpoints that it does not have, in the order of their sizes, until it has them, one is not
 * taken, or `end` (epoch milliseconds) is over. How far it is stands in Postgres after each, so that a run that dies is
 * gone on from: what had been sent and not been noted is sent again, with the same id. One that fails is tried again
 * after a pause with full jitter, of an hour at most and of what the receiver asked for at least, and is never given up.
 */
export async function deliverCheckpoints(
  ports: DeliveryPorts,
  destination: DestinationId,
  end: number,
): Promise<DeliveryOutcome> {
  const { statements, vault, now, random } = ports;
  const { tenantId, id } = destination;
  const turn = new DestinationTurn(statements, destination, now);
  const claimed = await turn.claim();
  if (claimed === null) return { kind: 'taken' };
  let { delivered, failures } = claimed;
  const fail = async ({ reason, retryAfterMs }: Omit<SendRefusal, 'responseCode'>): Promise<DeliveryOutcome> => {
    const backoff = { retries: failures, baseMs: BACKOFF_BASE_MS, capMs: BACKOFF_CAP_MS, random, retryAfterMs };
    await turn.noteFailure(reason, failures + 1, backoffMs(backoff));
    return { kind: 'failed', reason };
  };

  const opened = await vault.open(deliverySecret(tenantId, id), claimed.sealed);
  if (!opened.ok) return await fail({ reason: `Its secret cannot be opened (${opened.error.reason}).` });
  let count = 0;
  for await (const { size, note } of checkpointsBehind(statements, tenantId, delivered)) {
    if (now().getTime() >= end) break;
    const sent = await sendCheckpoint(ports, claimed.target, opened.value, { tenantId, size, note });
    if (!sent.ok) return await fail(sent.error);
    if (!(await turn.noteDelivery(delivered, size))) return { kind: 'taken' };
    [delivered, failures, count] = [size, 0, count + 1];
  }
  await turn.release();
  return { kind: 'delivered', count };
}

/** A tenant's checkpoints that are larger than a size, in order. */
async function* checkpointsBehind(statements: StatementRunner, tenantId: string, size: number) {
  for (let after = size; ; ) {
    const [rows] = await statements.asTenant(tenantId, [
      sql`
        select size::text as size, note from audit_checkpoints
        where tenant_id = ${tenantId}::uuid and size > ${after} order by size limit ${PAGE_SIZE}`,
    ]);
    const page = checkpointRows.parse(rows);
    yield* page;
    if (page.length < PAGE_SIZE) return;
    after = page.at(-1)?.size ?? after;
  }
}

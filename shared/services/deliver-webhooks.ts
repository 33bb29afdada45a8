import { type SQL, sql } from 'drizzle-orm';
import * as z from 'zod';
import { signWebhook } from '../crypto/webhook-signature.ts';
import type { StatementRow } from '../db/statement-runner.ts';
import { toJsonb } from '../db/to-jsonb.ts';
import { asksForRest, type FailedAttempt, nextTryMs } from '../domain/webhooks/next-try.ts';
import { err, type Result } from '../errors/result.ts';
import type { Logger } from '../platform/logger.ts';
import { keepDeadDelivery } from './keep-dead-delivery.ts';
import { openSigningSecrets, type SigningPorts } from './open-signing-secrets.ts';
import { type PostPorts, sendOnce } from './send-once.ts';

/** How long a run has a delivery for itself: longer than an attempt takes. */
const LEASE_MS = 60_000;
/** Endpoints of one list. */
const PAGE_SIZE = 50;

export interface WebhookPorts extends SigningPorts, PostPorts {
  readonly logger: Logger;
  /** From 0 to below 1. */
  readonly random: () => number;
}

/** What of a tenant's is taken for down together: an origin. */
export interface Endpoint {
  readonly tenantId: string;
  readonly endpoint: string;
}

/** `rests`: it is to be left alone for now. `idle`: nothing is due. `more`: there may be more that is. */
export type TurnOutcome = 'rests' | 'idle' | 'more';

const endpointRows = z.array(z.object({ tenantId: z.uuid(), endpoint: z.string() }));
const deliveryRow = z.object({
  id: z.uuid(),
  url: z.string(),
  body: z.string(),
  attempt: z.number(),
  type: z.string(),
});
type Delivery = z.infer<typeof deliveryRow>;

/**
 * Endpoints that something is to be sent to now, but for `except`: of these tenants, or of any tenant (null), which only
 * `eufm_ledger` finds. Tenants take turns, so that one with many endpoints has no more places in front than one with one.
 */
export async function listDueEndpoints(
  { statements, now }: WebhookPorts,
  tenantIds: readonly string[] | null,
  except: readonly Endpoint[],
): Promise<Endpoint[]> {
  const owner =
    tenantIds === null
      ? sql`true`
      : sql`tenant_id in (
    select jsonb_array_elements_text(${toJsonb(tenantIds)}::jsonb)::uuid)`;
  const found = await statements.run(sql`
    select tenant_id::text as "tenantId", endpoint from (
      select tenant_id, endpoint, min(next_try_at) as since,
        row_number() over (partition by tenant_id order by min(next_try_at), endpoint) as turn
      from webhook_deliveries
      where status = 'pending' and body is not null and next_try_at <= ${now().toISOString()}::timestamptz and ${owner}
        and (tenant_id, endpoint) not in (select "tenantId", endpoint
          from jsonb_to_recordset(${toJsonb(except)}::jsonb) as left_out ("tenantId" uuid, endpoint text))
      group by tenant_id, endpoint) as due
    order by turn, since limit ${PAGE_SIZE}`);
  return endpointRows.parse(found);
}

/**
 * Sends what is due to one endpoint, one after another and the longest due first, up to a number of them. An attempt is
 * counted before it is made, and what became of it is written before the next one: a run that dies leaves a delivery that is
 * sent again with the same id, and no delivery that is never tried again. Rejects while Postgres is away.
 */
export async function deliverTo(ports: WebhookPorts, to: Endpoint, most: number): Promise<TurnOutcome> {
  const { statements, logger } = ports;
  const secrets = await openSigningSecrets(ports, to.tenantId);
  if (!secrets.ok) {
    logger.warn('webhook.secret_not_opened', { ...to, reason: secrets.error.reason });
    return 'rests';
  }
  const [first] = await statements.asTenant(to.tenantId, [claim(ports, to)]);
  let delivery = deliveryOf(first);
  for (let sent = 1; delivery; sent++) {
    const outcome = await attempt(ports, to, secrets.value, delivery);
    const rests = !outcome.ok && asksForRest(outcome.error);
    const isLast = rests || sent >= most;
    const noted = note(ports, to, delivery, outcome);
    const [, next] = await statements.asTenant(to.tenantId, isLast ? [noted] : [noted, claim(ports, to)]);
    if (isLast) return rests ? 'rests' : 'more';
    delivery = deliveryOf(next);
  }
  return 'idle';
}

interface Failure extends FailedAttempt {
  readonly reason: string;
}

/** The status that it was taken with, or why it was not taken. */
async function attempt(
  ports: WebhookPorts,
  { tenantId }: Endpoint,
  secrets: readonly string[],
  delivery: Delivery,
): Promise<Result<number, Failure>> {
  const { id, url, body, attempt, type } = delivery;
  const signed = await signWebhook(secrets, { id, sentAt: ports.now(), body });
  const headers = { 'content-type': 'application/json', 'user-agent': 'EUFM-Webhooks/1', ...signed };
  const sent = await sendOnce(ports, url, { method: 'POST', headers, body });
  const fields = { tenantId, deliveryId: id, attempt, type };
  if (sent.ok) ports.logger.info('webhook.delivered', { ...fields, responseCode: sent.value });
  else ports.logger.warn('webhook.not_delivered', { ...fields, ...sent.error });
  return sent.ok ? sent : err({ attempt, ...sent.error });
}

/** The statement that takes what is due longest for this run, and counts the attempt that it is about to make. */
function claim({ now }: WebhookPorts, { tenantId, endpoint }: Endpoint): SQL {
  const time = now().getTime();
  return sql`
    update webhook_deliveries set attempt = attempt + 1, sent_at = ${at(time)}, next_try_at = ${at(time + LEASE_MS)}
    where tenant_id = ${tenantId}::uuid and id = (
      select id from webhook_deliveries
      where tenant_id = ${tenantId}::uuid and endpoint = ${endpoint} and status = 'pending' and body is not null
        and next_try_at <= ${at(time)}
      order by next_try_at, id limit 1 for update skip locked)
    returning id::text as id, url, body, attempt, event_type as type`;
}

/** The statement that writes down what became of an attempt, unless another run has made one since. */
function note(ports: WebhookPorts, { tenantId }: Endpoint, delivery: Delivery, outcome: Result<number, Failure>): SQL {
  const isThis = sql`tenant_id = ${tenantId}::uuid and id = ${delivery.id}::uuid and status = 'pending'
    and attempt = ${delivery.attempt}::integer`;
  if (outcome.ok) {
    return sql`
      update webhook_deliveries set status = 'succeeded', response_code = ${outcome.value}::integer, error_message = null
      where ${isThis}`;
  }
  const { error: failed } = outcome;
  const waitMs = nextTryMs(failed, ports.random());
  const time = ports.now().getTime();
  const answer = sql`response_code = ${failed.responseCode}::integer, error_message = ${failed.reason}`;
  if (waitMs !== null) {
    return sql`update webhook_deliveries set ${answer}, next_try_at = ${at(time + waitMs)} where ${isThis}`;
  }
  ports.logger.error('webhook.dead_letter', { tenantId, deliveryId: delivery.id, reason: failed.reason });
  return keepDeadDelivery(sql`update webhook_deliveries set status = 'failed', ${answer} where ${isThis}`, at(time));
}

function deliveryOf(rows: readonly StatementRow[] = []): Delivery | null {
  return rows[0] === undefined ? null : deliveryRow.parse(rows[0]);
}

function at(time: number): SQL {
  return sql`${new Date(time).toISOString()}::timestamptz`;
}

import * as z from 'zod';
import { picoUsdText, providerName } from './names.ts';
import { priceComponent } from './tenant-snapshot.ts';
import { usage } from './usage.ts';

/**
 * How a request ended. `estimated` means that its usage is not known: it is billed at what was counted, or at its hold,
 * until a later settlement corrects it; its error code tells how it ended.
 */
export const REQUEST_STATUSES = ['completed', 'failed', 'canceled', 'estimated'] as const;
export const requestStatus = z.enum(REQUEST_STATUSES);
export type RequestStatus = z.infer<typeof requestStatus>;

/**
 * The outcome of one request, as the ledger records it. `revision` 1 is the first outcome, 2 a correction of an
 * estimate; the ledger keeps the highest, so redelivery and reordering change nothing.
 */
export const requestRecorded = z.object({
  type: z.literal('request.recorded'),
  requestId: z.uuid(),
  revision: z.number().int().positive(),
  environmentId: z.uuid(),
  apiKeyId: z.uuid().nullable(),
  provider: providerName,
  model: z.string(),
  taskType: z.string(),
  status: requestStatus,
  errorCode: z.string().nullable(),
  usage,
  costPicoUsd: picoUsdText,
  priceVersion: z.uuid(),
  /** All components that priced the request, where some were the tenant's own and so in no price version. */
  ownPrices: z.array(priceComponent).exactOptional(),
  latencyMs: z.number().int().nonnegative().nullable(),
  startedAt: z.number().int().positive(),
  endedAt: z.number().int().positive(),
  traceId: z.string().nullable(),
  metadata: z.record(z.string(), z.unknown()),
});
export type RequestRecorded = z.infer<typeof requestRecorded>;

/**
 * One drain of a tenant's outbox. The queue only carries it: TenantGate keeps every row until the ledger confirms
 * `sequences`, and sends the batch again when it does not.
 */
export const ledgerBatch = z.object({
  type: z.literal('ledger.batch'),
  v: z.literal(1),
  tenantId: z.uuid(),
  traceparent: z.string().optional(),
  events: z.array(z.object({ sequence: z.number().int().positive(), event: requestRecorded })).min(1),
});
export type LedgerBatch = z.infer<typeof ledgerBatch>;

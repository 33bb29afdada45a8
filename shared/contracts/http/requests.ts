import { z } from '@hono/zod-openapi';
import { regionName } from '../names.ts';
import { requestStatus } from '../queues.ts';
import { guarantee, residencyVerdict } from '../residency.ts';
import { PRICE_KINDS } from '../tenant-snapshot.ts';
import { locationView } from './location.ts';
import { filterFields, pageFields } from './metrics.ts';
import { pageOf } from './page.ts';
import { routingDecision } from './routing-decision.ts';
import { storableText } from './storable-text.ts';
import { usdInput } from './usd.ts';

const CODE_MAX_LENGTH = 100;

export const requestsQuery = z.strictObject({
  from: z.iso.datetime({ offset: true }).optional().openapi({ description: 'Made at this time or later.' }),
  to: z.iso.datetime({ offset: true }).optional().openapi({ description: 'Made before this time.' }),
  status: requestStatus.optional(),
  ...filterFields,
  apiKeyId: z.uuid().optional(),
  errorCode: storableText(CODE_MAX_LENGTH).optional(),
  taskType: storableText(CODE_MAX_LENGTH).optional(),
  minCostUsd: usdInput.optional(),
  ...pageFields,
});
export type RequestsQuery = z.infer<typeof requestsQuery>;

const tokens = z.int().nullable().openapi({ description: 'null: the provider did not tell.' });

const fields = {
  id: z.uuid(),
  environmentId: z.uuid(),
  apiKeyId: z.uuid().nullable(),
  taskId: z.uuid().nullable(),
  provider: z.string(),
  model: z.string(),
  taskType: z.string(),
  status: z.string().openapi({ description: '`completed`, `failed`, `canceled` or `estimated`.' }),
  errorCode: z.string().nullable(),
  latencyMs: z.int().nullable(),
  inputTokenCount: tokens,
  cachedInputTokenCount: tokens,
  cacheWriteTokenCount: tokens,
  audioInputTokenCount: tokens,
  outputTokenCount: tokens,
  reasoningTokenCount: tokens,
  audioOutputTokenCount: tokens,
  searchCount: tokens,
  costUsd: z.number(),
  revision: z.int().openapi({ description: '2 and more: what it cost was corrected.' }),
  startedAt: z.iso.datetime(),
  endedAt: z.iso.datetime().nullable(),
  createdAt: z.iso.datetime(),
  traceId: z.string().nullable(),
  location: z.union([locationView, z.null()]).openapi({ description: 'null: recorded before locations were.' }),
};

export const requestView = z.object(fields).openapi('Request');
export type RequestView = z.infer<typeof requestView>;

export const requestList = pageOf(requestView).openapi('RequestList', {
  description:
    'Requests, newest first. A page may be shorter than `limit`, even empty, where few of many requests match: only a null `nextCursor` is the end.',
});

const attempt = z.object({
  provider: z.string(),
  model: z.string(),
  startedAt: z.iso.datetime(),
  endedAt: z.iso.datetime().nullable(),
  status: z.string(),
  errorCode: z.string().nullable(),
  retryAfterMs: z.int().optional().openapi({ description: 'How long the provider asked to be left alone.' }),
  requestId: z
    .uuid()
    .optional()
    .openapi({ description: 'The record of the call itself, where it may have been billed.' }),
  endpoint: z
    .object({ endpointRegion: regionName.nullable(), guarantee, residency: residencyVerdict })
    .optional()
    .openapi({ description: 'Where the call went.' }),
});

const event = z.object({
  type: z
    .string()
    .openapi({ description: '`request.started`, `request.completed` and the like, `request.corrected`.' }),
  ts: z.iso.datetime(),
  payload: z.record(z.string(), z.unknown()),
});

const bill = z.object({
  priceVersionId: z.uuid().nullable(),
  hasOwnPrices: z.boolean().openapi({
    description:
      'Some prices were the tenant’s own, or had a surcharge for a region, and are not of the price version.',
  }),
  lines: z.array(
    z.object({
      kind: z.enum(PRICE_KINDS),
      units: z.int(),
      usdPerUnit: z.string(),
      fromInputTokens: z.int().openapi({ description: 'From how many input tokens of one request this price holds.' }),
      costUsd: z.string(),
    }),
  ),
  costUsd: z.string().openapi({ description: 'What is billed: exact, a decimal with up to 12 decimals.' }),
  isExplained: z.boolean().openapi({
    description:
      'The lines sum to `costUsd`. `false`: it is an estimate, or its usage or its prices are not all known.',
  }),
});

export const requestDetail = z
  .object({
    ...fields,
    metadata: z.record(z.string(), z.unknown()),
    routing: routingDecision.optional().openapi({ description: 'Absent where the request named one model.' }),
    attempts: z.array(attempt).openapi({ description: 'Every call to a provider, in their order.' }),
    events: z.array(event).openapi({ description: 'What happened to it, oldest first.' }),
    bill,
  })
  .openapi('RequestDetail', { description: 'A request with all that its bill comes from.' });
export type RequestDetail = z.infer<typeof requestDetail>;

import { z } from '@hono/zod-openapi';
import { RATE_LIMIT_STRATEGIES } from '../tenant-snapshot.ts';
import { NAMES_A_FIELD } from './names-a-field.ts';
import { pageOf } from './page.ts';
import { storableText } from './storable-text.ts';

const NAME_MAX_LENGTH = 200;
const DEFAULT_WINDOW_SECONDS = 60;
const WINDOW_MAX_SECONDS = 366 * 86_400;
const CONCURRENT_MAX = 1_000_000;
const QUEUE_MAX_MS = 60_000;

const maximum = z.int().min(0).nullable();

const fields = {
  name: storableText(NAME_MAX_LENGTH).nullable().openapi({ description: 'Null: named for what it says.' }),
  environmentId: z.uuid().nullable().openapi({ description: 'Null: every environment.' }),
  apiKeyId: z.uuid().nullable().openapi({ description: 'Null: every key.' }),
  windowSeconds: z.int().min(1).max(WINDOW_MAX_SECONDS),
  maxRequests: maximum.openapi({ description: 'Requests in a window.' }),
  maxTokens: maximum.openapi({ description: 'Tokens in a window, input and output together.' }),
  maxConcurrent: z.int().min(0).max(CONCURRENT_MAX).nullable().openapi({
    description: 'Requests that run at the same time; the window does not matter to it.',
  }),
  strategy: z.enum(RATE_LIMIT_STRATEGIES),
  queueMs: z.int().min(0).max(QUEUE_MAX_MS).openapi({
    description: 'How long a request may wait where `maxConcurrent` run. 0: it is refused at once.',
  }),
};

/** What the fields of a limit must be together, after a change as well. */
export const RATE_LIMIT_RULE =
  'a limit needs one of maxRequests, maxTokens and maxConcurrent, and queueMs is for maxConcurrent alone';

export const rateLimitInput = z
  .strictObject({
    name: fields.name.default(null),
    environmentId: fields.environmentId.default(null),
    apiKeyId: fields.apiKeyId.default(null),
    windowSeconds: fields.windowSeconds.default(DEFAULT_WINDOW_SECONDS),
    maxRequests: fields.maxRequests.default(null),
    maxTokens: fields.maxTokens.default(null),
    maxConcurrent: fields.maxConcurrent.default(null),
    strategy: fields.strategy.default('fixed-window'),
    queueMs: fields.queueMs.default(0),
  })
  .refine(
    ({ maxRequests, maxTokens, maxConcurrent, queueMs }) =>
      maxConcurrent !== null || (queueMs === 0 && (maxRequests !== null || maxTokens !== null)),
    { error: RATE_LIMIT_RULE },
  )
  .openapi('RateLimitInput', {
    description:
      'At least one of `maxRequests`, `maxTokens` and `maxConcurrent`. Any number of limits may hold at once.',
  });
export type RateLimitInput = z.infer<typeof rateLimitInput>;

export const rateLimitChange = z
  .strictObject(fields)
  .partial()
  .refine(...NAMES_A_FIELD)
  .openapi('RateLimitChange', { minProperties: 1, description: 'Fields to change.' });
export type RateLimitChange = z.infer<typeof rateLimitChange>;

export const rateLimit = z
  .object({
    id: z.uuid(),
    name: z.string(),
    environmentId: z.uuid().nullable(),
    apiKeyId: z.uuid().nullable(),
    windowSeconds: z.int(),
    maxRequests: z.int().nullable(),
    maxTokens: z.int().nullable(),
    maxConcurrent: z.int().nullable(),
    strategy: z.enum(RATE_LIMIT_STRATEGIES),
    queueMs: z.int(),
    createdAt: z.iso.datetime(),
  })
  .openapi('RateLimit', { description: 'What may pass in a window, and at once. How it stands: `GET /v1/limits`.' });
export type RateLimit = z.infer<typeof rateLimit>;

export const rateLimitList = pageOf(rateLimit).openapi('RateLimitList', { description: 'Rate limits, oldest first.' });

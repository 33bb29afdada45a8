import { z } from '@hono/zod-openapi';
import { providerName } from '../names.ts';
import { BUDGET_PERIODS, DEFAULT_THRESHOLDS } from '../tenant-snapshot.ts';
import { NAMES_A_FIELD } from './names-a-field.ts';
import { pageOf } from './page.ts';
import { storableText } from './storable-text.ts';
import { usdInput } from './usd.ts';

const NAME_MAX_LENGTH = 200;
const MODEL_MAX_LENGTH = 200;
const THRESHOLD_MAX_PERCENT = 1_000;
const THRESHOLDS_MAX = 20;

const scope = z
  .strictObject({
    environmentId: z.uuid().optional(),
    apiKeyId: z.uuid().optional(),
    provider: providerName.optional(),
    model: storableText(MODEL_MAX_LENGTH).optional(),
  })
  .openapi({ description: 'Which requests it counts: those that match every field. Empty: all.' });

const thresholds = z
  .array(z.int().min(1).max(THRESHOLD_MAX_PERCENT))
  .max(THRESHOLDS_MAX)
  .transform((percents) => [...new Set(percents)].sort((one, other) => one - other))
  .openapi({
    type: 'array',
    items: { type: 'integer', minimum: 1, maximum: THRESHOLD_MAX_PERCENT },
    maxItems: THRESHOLDS_MAX,
    description: 'Percent of the amount that are told of, each once per period.',
  });

const fields = {
  name: storableText(NAME_MAX_LENGTH).openapi({
    description: 'Unique among the tenant’s budgets.',
    example: 'research',
  }),
  amountUsd: usdInput,
  period: z.enum(BUDGET_PERIODS).openapi({
    description: 'In the tenant’s time zone; weeks start on Monday. `total` never starts anew.',
  }),
  scope,
  hardStop: z.boolean().openapi({
    description: '`true`: requests that it does not cover are refused. `false`: it only counts and tells.',
  }),
  thresholds,
};

export const budgetInput = z
  .strictObject({
    ...fields,
    scope: fields.scope.default({}),
    hardStop: fields.hardStop.default(true),
    thresholds: fields.thresholds.default([...DEFAULT_THRESHOLDS]).openapi({ default: [...DEFAULT_THRESHOLDS] }),
  })
  .openapi('BudgetInput');
export type BudgetInput = z.infer<typeof budgetInput>;

export const budgetChange = z
  .strictObject(fields)
  .partial()
  .refine(...NAMES_A_FIELD)
  .openapi('BudgetChange', {
    minProperties: 1,
    description: 'Fields to change. `scope` and `thresholds` are replaced whole.',
  });
export type BudgetChange = z.infer<typeof budgetChange>;

const view = {
  id: z.uuid(),
  name: z.string(),
  amountUsd: z.string().openapi({ description: 'US dollars, a decimal with up to 12 decimals.', example: '250' }),
  period: z.enum(BUDGET_PERIODS),
  scope: z.object({
    environmentId: z.uuid().optional(),
    apiKeyId: z.uuid().optional(),
    provider: z.string().optional(),
    model: z.string().optional(),
  }),
  hardStop: z.boolean(),
  thresholds: z.array(z.int()),
  createdAt: z.iso.datetime(),
};

export const budget = z
  .object(view)
  .openapi('Budget', { description: 'A cap on money. What is spent of it: `GET /v1/limits`.' });
export type Budget = z.infer<typeof budget>;

export const budgetList = pageOf(budget).openapi('BudgetList', { description: 'Budgets, oldest first.' });

export const thresholdEvent = z.object({
  threshold: z.int().openapi({ description: 'Percent.' }),
  periodStart: z.iso.datetime(),
  capUsd: z.string(),
  spentUsd: z.string(),
  reachedAt: z.iso.datetime(),
});
export type ThresholdEvent = z.infer<typeof thresholdEvent>;

export const budgetDetail = z
  .object({
    ...view,
    thresholdEvents: z.array(thresholdEvent).openapi({
      description: 'Thresholds that were reached, newest first, at most a hundred. Seconds behind `GET /v1/limits`.',
    }),
  })
  .openapi('BudgetDetail');
export type BudgetDetail = z.infer<typeof budgetDetail>;

import { z } from '@hono/zod-openapi';
import type { ProblemLimit } from '../../errors/domain-error.ts';
import type { LimitStatus } from '../limits.ts';
import { toUsdText } from '../usd-text.ts';
import { pageLimit, pageOf } from './page.ts';

export const LIMIT_KINDS = ['budget', 'quota', 'rate_limit'] as const;
export const LIMIT_UNITS = ['cost_usd', 'requests', 'tokens', 'concurrent'] as const;

const amount = z.string().regex(/^-?\d+(\.\d{1,12})?$/);

const state = {
  limitId: z.string().openapi({ description: 'Names the limit: its rule and its unit.' }),
  kind: z.enum(LIMIT_KINDS),
  name: z.string(),
  unit: z.enum(LIMIT_UNITS),
  scope: z.object({
    environmentId: z.uuid().optional(),
    apiKeyId: z.uuid().optional(),
    provider: z.string().optional(),
    model: z.string().optional(),
  }),
  cap: amount.openapi({
    description: 'US dollars where the unit is `cost_usd`, an integer otherwise; so are the others.',
  }),
  spent: amount.openapi({ description: 'By requests that ended.' }),
  held: amount.openapi({ description: 'Set aside for requests that run: the most that they can use.' }),
  leased: amount.openapi({ description: 'Set aside for requests that may come in the next seconds.' }),
  remaining: amount.openapi({ description: 'Neither spent, held nor leased.' }),
  resetsAt: z.iso.datetime().nullable().openapi({ description: 'When the period ends; null: never.' }),
};

/** The limit that refuses a request, as it stands. */
export const publicLimit = z.object(state).openapi('ReachedLimit');

const PUBLIC_UNITS = {
  picoUsd: 'cost_usd',
  requests: 'requests',
  tokens: 'tokens',
  concurrent: 'concurrent',
} as const satisfies Record<LimitStatus['unit'], ProblemLimit['unit']>;

export const limitQuery = z.strictObject({
  kind: z.enum(LIMIT_KINDS).optional(),
  unit: z.enum(LIMIT_UNITS).optional(),
  environmentId: z.uuid().optional().openapi({ description: 'Limits of this environment alone.' }),
  apiKeyId: z.uuid().optional().openapi({ description: 'Limits of this key alone.' }),
  limit: pageLimit,
  cursor: z.string().max(200).optional().openapi({ description: 'The `nextCursor` of the page before.' }),
});
export type LimitQuery = z.infer<typeof limitQuery>;

export const limitView = z
  .object({
    ...state,
    ruleId: z.string().openapi({ description: 'The budget or rate limit that it is of; `plan` for the quota.' }),
    isEnforced: z.boolean().openapi({ description: '`false`: it counts and tells, and refuses nothing.' }),
    periodStart: z.iso.datetime().nullable(),
    thresholdsReached: z.array(z.int()).openapi({ description: 'Percent; of a budget, in this period.' }),
  })
  .openapi('Limit');
export type LimitView = z.infer<typeof limitView>;

export const limitList = pageOf(limitView).openapi('LimitList', {
  description: 'Every limit of the tenant as it stands now, by `limitId`.',
});

/** A limit as `GET /v1/limits` lists it. */
export function toLimitView(status: LimitStatus): LimitView {
  return {
    ...toPublicLimit(status),
    ruleId: status.ruleId,
    isEnforced: status.isEnforced,
    periodStart: toIsoText(status.periodStart),
    thresholdsReached: [...status.thresholdsReached],
  };
}

/** A limit as clients see it: the one place that turns its amounts into public units. */
export function toPublicLimit(status: LimitStatus): ProblemLimit {
  const { limitId, kind, name, unit, scope, resetsAt } = status;
  const write = unit === 'picoUsd' ? toUsdText : String;
  return {
    limitId,
    kind,
    name,
    unit: PUBLIC_UNITS[unit],
    scope,
    cap: write(status.cap),
    spent: write(status.spent),
    held: write(status.held),
    leased: write(status.leased),
    remaining: write(status.remaining),
    resetsAt: toIsoText(resetsAt),
  };
}

function toIsoText(time: number | null): string | null {
  return time === null ? null : new Date(time).toISOString();
}

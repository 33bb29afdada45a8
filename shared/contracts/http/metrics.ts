import { z } from '@hono/zod-openapi';
import { type Dimension, GRANULARITIES, type Granularity } from '../metrics.ts';
import { providerName } from '../names.ts';
import { pageLimit } from './page.ts';
import { storableText } from './storable-text.ts';

const DAY_MS = 86_400_000;
const MODEL_MAX_LENGTH = 200;

/** The longest range that is answered in periods of this length; without periods as for hours. */
const LONGEST_DAYS: Readonly<Record<Granularity, number>> = { hour: 400, day: 800, month: 3_700 };

/** Every metric's range; what it means that one of them is absent is the handler's. */
export const rangeFields = {
  from: z.iso
    .datetime({ offset: true })
    .optional()
    .openapi({ description: 'From the period that this time lies in. Default: 24 hours before `to`.' }),
  to: z.iso.datetime({ offset: true }).optional().openapi({ description: 'Up to this time. Default: now.' }),
  timeZone: z.string().max(64).refine(isTimeZone, { error: 'is no IANA time zone' }).optional().openapi({
    description: 'Whose days and months: an IANA name. Default: the tenant’s own. Hours are those of UTC.',
    example: 'Europe/Berlin',
  }),
};

export const granularity = z.enum(GRANULARITIES);

/** What all metrics can be narrowed to. */
export const filterFields = {
  environmentId: z.uuid().optional(),
  provider: providerName.optional(),
  model: storableText(MODEL_MAX_LENGTH).optional(),
};

export const pageFields = {
  limit: pageLimit,
  cursor: z.string().optional().openapi({
    description: 'The `nextCursor` of the page before, with the same query otherwise.',
  }),
};

/** A list of dimensions, separated by commas. */
export function groupBy<Name extends Dimension>(names: readonly [Name, ...Name[]], byDefault: readonly Name[]) {
  const list = z
    .array(z.enum(names))
    .refine((each) => new Set(each).size === each.length, { error: 'names one twice' });
  return z
    .string()
    .default(byDefault.join(','))
    .transform((text) => (text === '' ? [] : text.split(',')))
    .pipe(list)
    .openapi({
      type: 'string',
      description: `Any of ${names.map((name) => `\`${name}\``).join(', ')}, separated by commas; empty: none.`,
      example: names.slice(-2).join(','),
    });
}

/** What each item of a metric has. */
export const periodFields = { periodStart: z.iso.datetime(), periodEnd: z.iso.datetime() };

/** What narrows those metrics further that tell routing policies apart. */
export const policyFilterFields = { routingPolicyId: z.uuid().optional() };

/** What items have that are told apart by routing policy. */
export const policyFields = {
  routingPolicyId: z.uuid().nullable().optional().openapi({
    description: 'null: requests that no policy decided on.',
  }),
  routingPolicyName: z.string().optional().openapi({ description: 'Its name now; absent once it was deleted.' }),
};

/** What metrics of how requests ended are asked by, latencies and errors alike. */
export const outcomeQueryFields = {
  ...rangeFields,
  granularity: granularity.optional().openapi({ description: 'Absent: the whole range as one period.' }),
  groupBy: groupBy(['environment', 'provider', 'model', 'routingPolicy'], ['provider', 'model']),
  ...filterFields,
  ...policyFilterFields,
  ...pageFields,
};

/** What each item of those has. */
export const outcomePeriodFields = {
  ...periodFields,
  environmentId: z.uuid().optional(),
  provider: z.string().optional(),
  model: z.string().optional(),
  ...policyFields,
};

/** Until when a metric is complete. */
export const asOf = z.iso.datetime().nullable().openapi({
  description:
    'Every request that ended up to then is counted; null: nothing is known of it. Later ones may be counted too.',
});

/** A reason why a range is not answered, with the field that is wrong; null: there is none. */
export function rangeProblem(range: {
  readonly from: number;
  readonly to: number;
  readonly granularity: Granularity | null;
}): { readonly pointer: string; readonly detail: string } | null {
  const { from, to, granularity } = range;
  if (from > to) return { pointer: '/from', detail: '`from` lies after `to`.' };
  const days = LONGEST_DAYS[granularity ?? 'hour'];
  if (to - from <= days * DAY_MS) return null;
  return { pointer: '/from', detail: `The range is longer than ${days} days, the most for this granularity.` };
}

function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '' && !/^[+-]/.test(name);
  } catch {
    return false;
  }
}

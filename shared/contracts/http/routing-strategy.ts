import { z } from '@hono/zod-openapi';
import { providerName, regionName } from '../names.ts';
import { CACHE_MAX_TTL_S, hedgeQuantile, STICKY_BY, STRATEGIES } from '../routing-policy.ts';
import { storableText } from './storable-text.ts';

/** Bounds of a policy, so that deciding by it stays cheap. */
export const CANDIDATES_MAX = 50;
export const RULES_MAX = 100;
export const RULES_MAX_DEPTH = 8;
export const CONDITION_MAX_LENGTH = 1_000;

const TIMEOUT_MAX_MS = 600_000;
const LABEL_MAX_LENGTH = 200;
const MODEL_MAX_LENGTH = 200;
const NAME_MAX_LENGTH = 100;

const timeoutMs = z.int().min(1).max(TIMEOUT_MAX_MS);

export const routingCandidate = z
  .strictObject({
    provider: providerName,
    model: storableText(MODEL_MAX_LENGTH),
    account: storableText(LABEL_MAX_LENGTH)
      .optional()
      .openapi({ description: 'The label of one of your accounts; absent: the first of the provider.' }),
    region: regionName.optional().openapi({ description: 'Only by an account that is known to answer from there.' }),
    weight: z.number().positive().max(1_000_000).default(1),
    timeouts: z
      .strictObject({
        firstByteMs: timeoutMs.optional().openapi({ description: 'Of a stream: until the first word of its answer.' }),
        totalMs: timeoutMs.optional().openapi({ description: 'Until the answer is whole.' }),
      })
      .optional(),
  })
  .openapi('RoutingCandidate');
export type RoutingCandidate = z.infer<typeof routingCandidate>;

const candidates = z.array(routingCandidate).min(1).max(CANDIDATES_MAX);

const outcomeFields = {
  strategy: z.enum(STRATEGIES).default('priority').openapi({
    description:
      '`priority`: by weight, the greatest first. `weighted`: drawn by weight. `cost`: the cheapest for this request. `latency`: the fastest lately. `sla`: the cheapest of those that keep the target.',
  }),
  candidates,
  stickyBy: z.string().regex(STICKY_BY).optional().openapi({
    description:
      'With `weighted`: requests that are equal in this go to the same candidate, where vendors’ prompt caches know them. `prompt`: by system messages and tools, or without them by the first message. `apiKey`: by key. `metadata.NAME`: by a value of the metadata; requests without it are drawn each by itself.',
    example: 'metadata.conversation',
  }),
  sla: z
    .strictObject({
      p95Ms: z.int().positive().optional(),
      maxErrorRate: z.number().min(0).max(1).optional().openapi({ description: 'Of 1: `0.01` is one in a hundred.' }),
    })
    .optional()
    .openapi({ description: 'The target of the strategy `sla`.' }),
  fallbacks: candidates.optional().openapi({ description: 'Tried in their order, behind all candidates.' }),
  hedge: z
    .union([z.strictObject({ afterMs: timeoutMs }), z.strictObject({ afterQuantile: hedgeQuantile })])
    .optional()
    .openapi({
      description:
        'Calls the next candidate beside the first when that has not answered, or in a stream said its first word, after so many milliseconds, or after this quantile of its latest calls; the first answer counts, the other call is ended, and both cost. At most one request in five.',
    }),
};

export const routingOutcome = z
  .strictObject(outcomeFields)
  .openapi('RoutingOutcome', { description: 'Where a request may go.' });
export type RoutingOutcome = z.infer<typeof routingOutcome>;

/** A branch of the tree: its condition, and what is inside of it. */
export interface RoutingRule {
  name?: string | undefined;
  when: string;
  rules?: RoutingRule[] | undefined;
  use?: RoutingOutcome | undefined;
}

const rule: z.ZodType<RoutingRule, unknown> = z
  .lazy(() =>
    z
      .strictObject({
        name: storableText(NAME_MAX_LENGTH).optional(),
        when: storableText(CONDITION_MAX_LENGTH),
        rules: z.array(rule).min(1).max(RULES_MAX).optional(),
        use: routingOutcome.optional(),
      })
      .refine((branch) => (branch.rules === undefined) !== (branch.use === undefined), {
        error: 'must have either `rules` or `use`',
      }),
  )
  .openapi('RoutingRule', {
    type: 'object',
    description:
      'A condition (CEL), and either more rules or where to go. Where none of its rules fits, the next one is looked at.',
    properties: {
      name: { type: 'string', minLength: 1, maxLength: NAME_MAX_LENGTH },
      when: {
        type: 'string',
        minLength: 1,
        maxLength: CONDITION_MAX_LENGTH,
        example: 'request.hasTools && tokens.input > 8000',
      },
      rules: { type: 'array', minItems: 1, maxItems: RULES_MAX, items: { $ref: '#/components/schemas/RoutingRule' } },
      use: { $ref: '#/components/schemas/RoutingOutcome' },
    },
    required: ['when'],
    additionalProperties: false,
  });

const cache = z
  .strictObject({
    ttlSeconds: z.int().min(1).max(CACHE_MAX_TTL_S).openapi({ description: 'How long an answer is stored.' }),
    semantic: z
      .strictObject({
        provider: providerName,
        model: storableText(MODEL_MAX_LENGTH),
        threshold: z.number().min(0.5).max(1).default(0.95).openapi({
          description: 'Least cosine similarity of two questions for one to have the answer of the other.',
        }),
      })
      .optional()
      .openapi({
        description:
          'Also answers a question that is alike, where everything else of the request is equal. The model embeds each question: a request of its own, with its own cost.',
      }),
  })
  .openapi('RoutingCache', {
    description:
      'Stores answers, and gives them to equal requests of the same environment. `X-Eufm-Cache` overrides it.',
  });

/** A routing policy's decision tree: the first rule that fits says where a request may go, else the policy itself does. */
export const routingStrategy = z
  .strictObject({ ...outcomeFields, rules: z.array(rule).max(RULES_MAX).optional(), cache: cache.optional() })
  .superRefine(({ rules = [] }, context) => {
    const { count, depth } = sizeOf(rules);
    if (count > RULES_MAX)
      context.addIssue({ code: 'custom', path: ['rules'], message: `has more than ${RULES_MAX} rules` });
    if (depth > RULES_MAX_DEPTH) {
      context.addIssue({ code: 'custom', path: ['rules'], message: `is nested deeper than ${RULES_MAX_DEPTH}` });
    }
  })
  .openapi('RoutingStrategy', {
    description: 'Where requests go: rules first, in their order; where none fits, the candidates beside them.',
  });
export type RoutingStrategy = z.infer<typeof routingStrategy>;

function sizeOf(rules: readonly RoutingRule[]): { readonly count: number; readonly depth: number } {
  let [count, depth] = [0, 0];
  for (const { rules: inner = [] } of rules) {
    const size = sizeOf(inner);
    count += 1 + size.count;
    depth = Math.max(depth, 1 + size.depth);
  }
  return { count, depth };
}

import { z } from '@hono/zod-openapi';
import { NAMES_A_FIELD } from './names-a-field.ts';
import { orchestrateRequest } from './orchestrate.ts';
import { pageOf } from './page.ts';
import { routingDecision } from './routing-decision.ts';
import { routingStrategy } from './routing-strategy.ts';
import { storableText } from './storable-text.ts';

const NAME_MAX_LENGTH = 200;
/** Recorded requests that one simulation looks at. */
export const SIMULATED_MAX = 500;

const fields = {
  name: storableText(NAME_MAX_LENGTH).openapi({
    description: 'Unique among the tenant’s policies; clients of other APIs name it as their model.',
    example: 'cheap-first',
  }),
  strategy: routingStrategy,
  enabled: z.boolean().openapi({ description: '`false`: requests that name it are refused.' }),
  isDefault: z.boolean().openapi({
    description:
      'Decides for requests that name neither a model nor a policy. A tenant has one at most: it takes the place of the one before.',
  }),
};

export const routingPolicyInput = z
  .strictObject({ ...fields, enabled: fields.enabled.default(true), isDefault: fields.isDefault.default(false) })
  .openapi('RoutingPolicyInput');
export type RoutingPolicyInput = z.infer<typeof routingPolicyInput>;

export const routingPolicyChange = z
  .strictObject(fields)
  .partial()
  .refine(...NAMES_A_FIELD)
  .openapi('RoutingPolicyChange', {
    minProperties: 1,
    description:
      'Fields to change. A `strategy` becomes a draft: the next version, which decides nothing until it is published.',
  });
export type RoutingPolicyChange = z.infer<typeof routingPolicyChange>;

const version = z.int().positive();

export const routingPolicy = z
  .object({
    id: z.uuid(),
    name: z.string(),
    enabled: z.boolean(),
    isDefault: z.boolean(),
    version: z.int().openapi({ description: 'The version that decides.' }),
    previousVersion: z.int().nullable().openapi({ description: 'What rolling back goes to.' }),
    latestVersion: z.int(),
    strategy: z.unknown().openapi({ description: 'What decides: a `RoutingStrategy`.' }),
    draft: z
      .unknown()
      .openapi({ description: 'The latest version, where it was never published: a `RoutingStrategy`, or null.' }),
    createdAt: z.iso.datetime(),
  })
  .openapi('RoutingPolicy');
export type RoutingPolicy = z.infer<typeof routingPolicy>;

export const routingPolicyList = pageOf(routingPolicy).openapi('RoutingPolicyList', {
  description: 'Routing policies, oldest first.',
});

export const routingPolicyPublication = z
  .strictObject({ version: version.optional().openapi({ description: 'Absent: the latest.' }) })
  .openapi('RoutingPolicyPublication');
export type RoutingPolicyPublication = z.infer<typeof routingPolicyPublication>;

export const routingSimulationInput = z
  .strictObject({
    version: version.optional().openapi({ description: 'Absent: the draft, or else what decides.' }),
    request: orchestrateRequest.optional(),
    lastRequests: z
      .int()
      .min(1)
      .max(SIMULATED_MAX)
      .optional()
      .openapi({ description: 'Recorded requests, the newest.' }),
  })
  .refine(({ request, lastRequests }) => (request === undefined) !== (lastRequests === undefined), {
    error: 'must have either `request` or `lastRequests`',
  })
  .openapi('RoutingSimulationInput', { description: 'Either `request` or `lastRequests`.' });
export type RoutingSimulationInput = z.infer<typeof routingSimulationInput>;

const expectation = {
  costUsd: z.string().nullable().openapi({ description: 'A decimal; null: the model has no price.' }),
  latencyMs: z.int().nullable().openapi({
    description: 'The median of the model’s recorded requests; null: none was recorded.',
  }),
};

const simulated = z.object({
  requestId: z.uuid().nullable().openapi({ description: 'null: the request that was given.' }),
  /** Null: it would have been refused. */
  chosen: z.union([z.object({ provider: z.string(), model: z.string(), ...expectation }), z.null()]).openapi({
    description: 'What would have been called; null: nothing could.',
  }),
  recorded: z
    .union([
      z.object({ provider: z.string(), model: z.string(), costUsd: z.string(), latencyMs: z.int().nullable() }),
      z.null(),
    ])
    .openapi({ description: 'What was called.' }),
  routing: routingDecision,
});

export const routingSimulation = z
  .object({
    version: z.int(),
    requests: z.array(simulated),
    total: z.object({
      simulatedCostUsd: z.string().openapi({ description: 'A decimal with up to 12 decimals.' }),
      recordedCostUsd: z.string(),
      refused: z.int().openapi({ description: 'Requests that nothing could have been called for.' }),
    }),
  })
  .openapi('RoutingSimulation', {
    description: 'What a policy would have done. Nothing is called and nothing recorded.',
  });
export type RoutingSimulation = z.infer<typeof routingSimulation>;

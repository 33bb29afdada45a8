import { z } from '@hono/zod-openapi';
import { providerName, regionName } from '../names.ts';
import { guarantee } from '../residency.ts';

/** Why a candidate may be called, or may not. Branch on it; `detail` is for people. */
export const ROUTING_REASONS = [
  'preferred',
  'priority',
  'weighted',
  'cheapest',
  'fastest',
  'keeps_target',
  'misses_target',
  'fallback',
  'default',
  'no_account',
  'unknown_model',
  'model_not_allowed',
  'region_mismatch',
  'outside_residency',
  'task_not_served',
  'stream_not_served',
  'context_too_long',
  'no_tools',
  'no_vision',
  'no_files',
  'no_structured_output',
  'circuit_open',
  'beyond_attempts',
  'over_limit',
] as const;
export type RoutingReason = (typeof ROUTING_REASONS)[number];

/** What became of a candidate. */
export const CANDIDATE_STATUSES = ['served', 'failed', 'canceled', 'standby', 'left'] as const;

export const routingDecision = z
  .object({
    policyId: z.uuid().nullable().openapi({ description: 'null: the request’s own preferences, or the defaults.' }),
    policyVersion: z.int().nullable(),
    strategy: z.string(),
    rule: z.string().nullable().openapi({ description: 'JSON pointer of the rule that fitted, within the policy.' }),
    hedgeAfterMs: z
      .int()
      .optional()
      .openapi({ description: 'After so long without an answer the next candidate is called beside the first.' }),
    candidates: z.array(
      z.object({
        provider: providerName,
        model: z.string(),
        account: z.string().nullable(),
        status: z.enum(CANDIDATE_STATUSES).openapi({
          description:
            '`served` the answer, `failed` before it, `canceled`: called beside another one that was faster, or the client left; `standby`: not needed, `left`: not to be called.',
        }),
        reason: z.enum(ROUTING_REASONS),
        detail: z.string().optional(),
        errorCode: z.string().optional(),
        writtenCharacters: z.int().optional().openapi({
          description:
            'Of one that failed within its answer, which another one went on with: what the client has of it.',
        }),
        endpointRegion: regionName.nullable().optional().openapi({ description: 'null: anywhere.' }),
        guarantee: guarantee.optional(),
      }),
    ),
  })
  .openapi('RoutingDecision', {
    description: 'How a request came to its provider, in the order in which candidates were taken.',
  });
export type RoutingDecision = z.infer<typeof routingDecision>;

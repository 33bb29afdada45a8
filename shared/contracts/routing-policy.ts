import * as z from 'zod';
import { providerName, regionName } from './names.ts';

/** How candidates are put in order. */
export const STRATEGIES = ['priority', 'weighted', 'cost', 'latency', 'sla'] as const;

/** Something that a request can be sent to. Without `account` it is the first account of the provider. */
export const policyCandidate = z.object({
  provider: providerName,
  model: z.string().min(1),
  account: z.string().exactOptional(),
  region: regionName.exactOptional(),
  weight: z.number().positive().default(1),
  timeouts: z
    .object({
      firstByteMs: z.number().int().positive().exactOptional(),
      totalMs: z.number().int().positive().exactOptional(),
    })
    .exactOptional(),
});
export type PolicyCandidate = z.infer<typeof policyCandidate>;

/** What tells requests of one session: `prompt`, `apiKey`, or `metadata.` and a name. */
export const STICKY_BY = /^(?:prompt|apiKey|metadata\.[A-Za-z0-9_-]{1,64})$/;

/** Quantiles of a candidate's latest calls that a hedge can go by. */
export const hedgeQuantile = z.union([z.literal(0.5), z.literal(0.95)]);

const outcomeFields = {
  /** A policy of an earlier release has none: it was a list of candidates, of which the heaviest was called. */
  strategy: z.enum(STRATEGIES).default('priority'),
  candidates: z.array(policyCandidate).min(1),
  /** `weighted` draws for a session, not for a request. */
  stickyBy: z.string().regex(STICKY_BY).exactOptional(),
  sla: z
    .object({ p95Ms: z.number().positive().exactOptional(), maxErrorRate: z.number().min(0).max(1).exactOptional() })
    .exactOptional(),
  fallbacks: z.array(policyCandidate).exactOptional(),
  /** When a second candidate is called beside the first: after a time, or after a quantile of what the first takes. */
  hedge: z
    .union([z.object({ afterMs: z.number().int().positive() }), z.object({ afterQuantile: hedgeQuantile })])
    .exactOptional(),
};

export const policyOutcome = z.object(outcomeFields);
export type PolicyOutcome = z.infer<typeof policyOutcome>;

/** The longest that an answer is stored. */
export const CACHE_MAX_TTL_S = 86_400;

/** How answers are stored and found; `semantic`: for questions that are alike too, by a model that embeds them. */
export const cachePolicy = z.object({
  ttlSeconds: z.number().int().positive().max(CACHE_MAX_TTL_S),
  semantic: z
    .object({ provider: providerName, model: z.string().min(1), threshold: z.number().positive().max(1) })
    .exactOptional(),
});
export type CachePolicy = z.infer<typeof cachePolicy>;

/** A branch: its condition (CEL), and either more branches or where to go. */
export interface PolicyRule {
  when: string;
  rules?: PolicyRule[];
  use?: PolicyOutcome;
}

export const policyRule: z.ZodType<PolicyRule, unknown> = z.lazy(() =>
  z.object({ when: z.string(), rules: z.array(policyRule).exactOptional(), use: policyOutcome.exactOptional() }),
);

/** A routing policy as the data plane decides by it: its published version, in a form that was checked when it was saved. */
export const snapshotRoutingPolicy = z.object({
  id: z.uuid(),
  name: z.string().min(1),
  /** A snapshot of an earlier release has none. */
  version: z.number().int().positive().default(1),
  /** Decides for requests that name neither a model nor a policy. */
  isDefault: z.literal(true).exactOptional(),
  ...outcomeFields,
  rules: z.array(policyRule).exactOptional(),
  cache: cachePolicy.exactOptional(),
});
export type SnapshotRoutingPolicy = z.infer<typeof snapshotRoutingPolicy>;

import type { CachePolicy } from '../../../shared/contracts/routing-policy.ts';
import type { PipelineInput } from '../pipeline/pipeline-input.ts';
import type { RequestPlan } from '../pipeline/plan-request.ts';

/** How a request deals with stored answers. */
export interface CacheRules extends CachePolicy {
  /** A stored answer is not wanted; a new one is stored. */
  readonly isRefresh: boolean;
}

/** What the request says, and where it says nothing its routing policy; null: it has nothing to do with stored answers. */
export function cacheRulesOf({ cacheWish, tenant }: PipelineInput, { route }: RequestPlan): CacheRules | null {
  if (cacheWish?.kind === 'off') return null;
  const policyId = route?.policy?.id;
  const policy = policyId && tenant.snapshot.routingPolicies.find(({ id }) => id === policyId)?.cache;
  if (cacheWish) {
    const { ttlSeconds, isRefresh } = cacheWish;
    return { ...policy, ttlSeconds, isRefresh };
  }
  return policy ? { ...policy, isRefresh: false } : null;
}

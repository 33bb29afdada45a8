import { toPublicLimit } from '../../../shared/contracts/http/limits.ts';
import type { LimitStatus } from '../../../shared/contracts/limits.ts';
import type { DomainError, ErrorCode, ProblemLimit } from '../../../shared/errors/domain-error.ts';
import type { AdmissionRefusal } from '../admission/demand.ts';
import { UNAVAILABLE_RETRY_MS } from '../constants.ts';

/** Why a request may not begin, for its client: which limit, and what of it is spent, held and leased. */
export function refusalToDomain(refusal: AdmissionRefusal): DomainError {
  switch (refusal.reason) {
    case 'stale':
    case 'unavailable': {
      const detail = 'The tenant’s limits cannot be checked right now. Nothing was sent.';
      return { code: 'unavailable', detail, retryAfterMs: UNAVAILABLE_RETRY_MS };
    }
    case 'tenant_suspended':
      return { code: 'tenant_suspended', detail: 'The tenant is suspended.' };
    case 'key_revoked':
      return { code: 'unauthenticated', detail: 'The API key is unknown or revoked.' };
    case 'unpriced_under_budget': {
      const detail = `The model has no price, and budget "${refusal.budgetName}" caps what this request may cost. Nothing was sent.`;
      return { code: 'model_unpriced', detail };
    }
    case 'limit_reached': {
      const { retryAfterMs } = refusal;
      const limit = toPublicLimit(refusal.limit);
      const code = codeOf(refusal.limit);
      const isPassing = code === 'rate_limited' || code === 'concurrency_limited';
      return {
        ...{ code, detail: describe(limit), limit },
        ...(isPassing && { retryAfterMs: Math.max(retryAfterMs ?? 0, 1_000) }),
      };
    }
  }
}

function codeOf({ kind, unit }: LimitStatus): ErrorCode {
  if (kind === 'budget') return 'budget_exhausted';
  if (kind === 'quota') return 'quota_exhausted';
  return unit === 'concurrent' ? 'concurrency_limited' : 'rate_limited';
}

const NOUNS: Readonly<Record<ProblemLimit['kind'], string>> = { budget: 'Budget', quota: 'Quota', rate_limit: 'Limit' };

function describe({ kind, name, unit, cap, spent, held, leased, scope }: ProblemLimit): string {
  const [capText, spentText, heldText, leasedText] = [cap, spent, held, leased].map((amount) =>
    unit === 'cost_usd' ? `$${amount}` : amount,
  );
  const of = unit === 'cost_usd' ? capText : `${capText} ${unit === 'concurrent' ? 'requests at once' : unit}`;
  const scopes = Object.entries(scope).map(([field, value]) => `${field} ${value}`);
  const within = scopes.length > 0 ? ` for ${scopes.join(', ')}` : '';
  const told = unit === 'concurrent' ? [] : [`${spentText} spent`];
  told.push(`${heldText} held by requests still running`);
  if (leased !== '0') told.push(`${leasedText} set aside for requests on their way`);
  return `${NOUNS[kind]} "${name}" of ${of}${within} does not cover the most that this request can use: ${told.join(', ')}. Nothing was sent.`;
}

import type { RateStatus } from '../../../shared/contracts/rpc.ts';
import type { Limit } from '../../../shared/domain/admission/limit.ts';

/** An answer's fields about rates: RateLimit header fields for HTTP (draft-ietf-httpapi-ratelimit-headers). */
export interface RateFields {
  readonly policy: string;
  readonly limit: string;
}

/**
 * Tells of the rate limits that a request falls under: their quotas and windows, and what is left for all of the tenant's
 * requests, by what TenantGate said last. Null where there are none. Does not tell of budgets.
 */
export function rateFieldsOf(limits: readonly Limit[], rates: readonly RateStatus[], now: number): RateFields | null {
  const told = limits.flatMap((limit) => {
    const { id, cap, window, kind } = limit;
    const rate = rates.find(({ limitId }) => limitId === id);
    if (kind !== 'rate_limit' || !rate || cap === null || !('ms' in window)) return [];
    const name = quoted(limit);
    const left = rate.remaining > 0n ? rate.remaining : 0n;
    const resets = rate.resetsAt === null ? '' : `;t=${Math.max(0, Math.ceil((rate.resetsAt - now) / 1000))}`;
    return [{ policy: `${name};q=${cap};w=${Math.ceil(window.ms / 1000)}`, limit: `${name};r=${left}${resets}` }];
  });
  if (told.length === 0) return null;
  return { policy: told.map(({ policy }) => policy).join(', '), limit: told.map(({ limit }) => limit).join(', ') };
}

/** A limit's name as a string of structured fields (RFC 9651), which have ASCII alone: one in other letters goes by its id. */
function quoted({ name, ruleId, unit }: Limit): string {
  const text = /^[\x20-\x7e]+$/.test(name) ? name.replace(/["\\]/g, '\\$&') : ruleId;
  return unit === 'tokens' ? `"${text}: tokens"` : `"${text}"`;
}

import type { ProviderName } from '../../shared/contracts/names.ts';
import type { TenantSnapshot } from '../../shared/contracts/tenant-snapshot.ts';
import { eventStream } from '../../shared/providers/testing/answering.ts';
import { account, offer, POLICY_ID, policyWith, routingTenant } from '../harness/routing-tenant.ts';

export const FALLBACK_TEXT = 'Served by the fallback.';
export const FALLBACK_URL = 'http://fallback.test';
const FALLBACK = { provider: 'openai-compatible', model: 'fallback' } as const;
const USAGE = { prompt_tokens: 3, completion_tokens: 4, total_tokens: 7 };
/** Of the fallback: 3 x 5 + 4 x 5. */
export const FALLBACK_COST = '35';

const labelOf = (index: number) => `fallback ${index}`;

/** A tenant whose policy sends a request to a provider at `baseUrl`, and then to others, which are all at `FALLBACK_URL`. */
export function failoverTenant(
  { provider, model, baseUrl }: { provider: ProviderName; model: string; baseUrl: string },
  timeouts?: { totalMs?: number; firstByteMs?: number },
  others: readonly { readonly provider: ProviderName; readonly model: string }[] = [FALLBACK],
): TenantSnapshot {
  const first = { ...account(provider, 'first'), baseUrl };
  return routingTenant({
    providerAccounts: [
      first,
      ...others.map((other, index) => ({ ...account(other.provider, labelOf(index)), baseUrl: FALLBACK_URL })),
    ],
    models: [offer(provider, model, 2), ...others.map((other) => offer(other.provider, other.model, 5))],
    routingPolicies: [
      policyWith({
        candidates: [
          { provider, model, account: 'first', weight: 2, ...(timeouts && { timeouts }) },
          ...others.map((other, index) => ({ ...other, account: labelOf(index) })),
        ],
      }),
    ],
  });
}

export const BY_POLICY = { routingPolicyId: POLICY_ID };

/** What the fallback answers. */
export function fallbackResponse(isStream: boolean): Response {
  const common = { id: 'x', model: FALLBACK.model, created: 1 };
  if (!isStream) {
    const choices = [{ index: 0, message: { role: 'assistant', content: FALLBACK_TEXT }, finish_reason: 'stop' }];
    return Response.json({ ...common, object: 'chat.completion', choices, usage: USAGE });
  }
  const chunk = (delta: object, finish_reason: string | null, usage?: object) =>
    `data: ${JSON.stringify({ ...common, object: 'chat.completion.chunk', choices: [{ index: 0, delta, finish_reason }], ...(usage && { usage }) })}\n\n`;
  return eventStream([
    chunk({ role: 'assistant', content: FALLBACK_TEXT }, null),
    chunk({}, 'stop', USAGE),
    'data: [DONE]\n\n',
  ]);
}

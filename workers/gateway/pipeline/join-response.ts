import type { OrchestrateResponse } from '../../../shared/contracts/http/orchestrate.ts';
import type { Usage } from '../../../shared/contracts/usage.ts';
import { toUsdNumber } from '../../../shared/domain/pricing/cost.ts';
import type { GenerateResult } from '../../../shared/providers/contract.ts';
import type { Settlement } from './settlement.ts';

/** One answer of what several calls wrote of it, one behind the other: it ended as the last of them did. */
export function joinResults(earlier: readonly GenerateResult[], last: GenerateResult): GenerateResult {
  const results = [...earlier, last];
  const reasoning = results.flatMap(({ message }) => message.reasoning ?? []);
  const toolCalls = results.flatMap(({ message }) => message.toolCalls ?? []);
  const sources = results.flatMap((result) => result.sources ?? []);
  return {
    ...last,
    message: {
      role: 'assistant',
      content: results.map(({ message }) => message.content).join(''),
      ...(reasoning.length > 0 && { reasoning }),
      ...(toolCalls.length > 0 && { toolCalls }),
    },
    ...(sources.length > 0 && { sources }),
  };
}

/** A response that tells usage and cost of all calls, as their records do; a cost that is not known leaves the sum unknown. */
export function withAllCosts(response: OrchestrateResponse, settlements: readonly Settlement[]): OrchestrateResponse {
  const isKnown = settlements.every(({ costPicoUsd, plan }) => costPicoUsd !== null && plan.isPriced);
  const total = settlements.reduce((sum, { costPicoUsd }) => sum + (costPicoUsd ?? 0n), 0n);
  const usage = settlements.map(({ record }) => record.usage).reduce(added, {});
  return { ...response, usage, costUsd: isKnown ? toUsdNumber(total) : null };
}

function added(one: Usage, other: Usage): Usage {
  const names = new Set([...Object.keys(one), ...Object.keys(other)]) as Set<keyof Usage>; // both are of its keys alone
  return Object.fromEntries([...names].map((name) => [name, (one[name] ?? 0) + (other[name] ?? 0)]));
}

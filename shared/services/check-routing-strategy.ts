import { faultOfCondition } from '../conditions/condition.ts';
import type { RoutingRule, RoutingStrategy } from '../contracts/http/routing-strategy.ts';
import type { FieldError } from '../errors/domain-error.ts';

/**
 * What is wrong with a policy's conditions, by JSON pointer within it. Does not look if its models are there: an account may
 * come and go, and a candidate without one is left out.
 */
export function checkRoutingStrategy({ rules = [] }: RoutingStrategy, at: string): FieldError[] {
  return checkRules(rules, at);
}

function checkRules(rules: readonly RoutingRule[], at: string): FieldError[] {
  return rules.flatMap((rule, index) => {
    const pointer = `${at}/rules/${index}`;
    const fault = faultOfCondition(rule.when);
    return [
      ...(fault === null ? [] : [{ pointer: `${pointer}/when`, detail: fault }]),
      ...checkRules(rule.rules ?? [], pointer),
    ];
  });
}

import type { ROLES } from './permissions.ts';

/** A role that exists for every tenant. */
export type BuiltInRole = keyof typeof ROLES;

/** The built-in role that a tenant always has someone with. */
export const OWNER_ROLE: BuiltInRole = 'owner';

const TEAM = ['owner', 'admin', 'developer', 'viewer'] as const satisfies readonly BuiltInRole[];
const ALL: readonly BuiltInRole[] = ['owner', 'admin', 'developer', 'analyst', 'billing', 'auditor', 'viewer'];

/**
 * Which built-in roles a plan offers for members. Own roles may hold any permissions in every plan. A role that someone
 * has stays theirs when the plan changes.
 */
export const PLAN_ROLES: Readonly<Record<string, readonly BuiltInRole[]>> = {
  starter: TEAM,
  professional: [...TEAM, 'analyst', 'billing'],
  enterprise: ALL,
  enterprise_plus: ALL,
};

/** Plans by name, the smallest first. */
export const PLAN_NAMES: readonly string[] = Object.keys(PLAN_ROLES);

/** The plans that offer a built-in role, the smallest first. */
export function plansOffering(role: string): readonly string[] {
  return PLAN_NAMES.filter((plan) => PLAN_ROLES[plan]?.some((offered) => offered === role));
}

/** What a role that the plan does not offer is refused with: it says from which plan on each is. */
export const NOT_OFFERED: string = `name a role that the tenant’s plan does not offer: ${ALL.filter(
  (role) => plansOffering(role).length < PLAN_NAMES.length,
)
  .map((role) => `${role} comes with the plan ${plansOffering(role)[0]}`)
  .join(', ')}`;

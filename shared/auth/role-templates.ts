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

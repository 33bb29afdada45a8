import { sql } from 'drizzle-orm';
import { type ResidencyPolicy, residencyPolicy } from '../contracts/http/residency-policies.ts';
import { dataResidencyPolicies } from '../db/schema/configuration.ts';
import { err, ok, type Result } from '../errors/result.ts';
import type { ChangeRefusal, ConfigurationTable } from './change-configuration.ts';
import { createdAtText } from './configuration-columns.ts';

export const RESIDENCY_POLICIES: ConfigurationTable = {
  table: dataResidencyPolicies,
  target: 'residency_policy',
  fields: sql`jsonb_build_object('id', id, 'region', region, 'enforced', enforced,
    'minimumGuarantee', minimum_guarantee, 'createdAt', ${createdAtText})`,
};

/** A row's fields as clients see them. */
export function toResidencyPolicy(fields: unknown): ResidencyPolicy {
  return residencyPolicy.parse(fields);
}

/** What was changed as clients see it; the region is what two policies cannot have both. */
export function residencyOutcome(changed: Result<unknown, ChangeRefusal>): Result<ResidencyPolicy, ChangeRefusal> {
  if (changed.ok) return ok(toResidencyPolicy(changed.value));
  return changed.error.reason === 'name_taken' ? err({ reason: 'name_taken', field: 'region' }) : changed;
}

import type { Domain, DomainChange } from '../contracts/http/domains.ts';
import { ok, type Result } from '../errors/result.ts';
import {
  type ChangeContext,
  type ChangeRefusal,
  deleteConfiguration,
  updateConfiguration,
} from './change-configuration.ts';
import type { Granter } from './change-member-roles.ts';
import { checkDefaultRole } from './check-default-role.ts';
import { DOMAINS, toDomain } from './domain-fields.ts';

/** Changes the role of who joins by a domain from now on, with the audit row. */
export async function updateDomain(
  by: ChangeContext,
  { permissions }: Granter,
  id: string,
  { defaultRoleId }: DomainChange,
): Promise<Result<Domain, ChangeRefusal>> {
  const checked = await checkDefaultRole(by, defaultRoleId, permissions);
  if (!checked.ok) return checked;
  const updated = await updateConfiguration(by, DOMAINS, id, { default_role_id: defaultRoleId }, {});
  return updated.ok ? ok(toDomain(updated.value)) : updated;
}

/** Removes a domain, with the audit row. Nobody joins by it any more; who has joined stays. */
export function deleteDomain(by: ChangeContext, id: string): Promise<Result<unknown, ChangeRefusal>> {
  return deleteConfiguration(by, DOMAINS, id);
}

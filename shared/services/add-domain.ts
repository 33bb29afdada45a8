import { sql } from 'drizzle-orm';
import { mintDomainChallenge } from '../auth/domain-challenge.ts';
import { toDomainName } from '../auth/email-domain.ts';
import type { Domain, DomainInput } from '../contracts/http/domains.ts';
import { err, ok, type Result } from '../errors/result.ts';
import { type ChangeContext, type ChangeRefusal, insertConfiguration } from './change-configuration.ts';
import type { Granter } from './change-member-roles.ts';
import { checkDefaultRole } from './check-default-role.ts';
import { DOMAINS, toDomain } from './domain-fields.ts';

/** Each is looked up in DNS once a day. */
const MOST_DOMAINS = 50;

const NO_NAME = 'must be a domain of e-mail addresses, as in acme.com: no address, no URL, no single label';

/**
 * Writes down that a tenant says a domain is its own, with the audit row. It is worth nothing before it is proven, so any
 * number of tenants may say so, and none learns of another.
 */
export async function addDomain(
  by: ChangeContext,
  { permissions }: Granter,
  input: DomainInput,
): Promise<Result<Domain, ChangeRefusal>> {
  const name = toDomainName(input.name);
  if (name === null) return err({ reason: 'invalid', errors: [{ pointer: '/name', detail: NO_NAME }] });
  const checked = await checkDefaultRole(by, input.defaultRoleId, permissions);
  if (!checked.ok) return checked;
  const row = { name, challenge: mintDomainChallenge(), default_role_id: input.defaultRoleId };
  const added = await insertConfiguration(
    by,
    DOMAINS,
    row,
    {},
    {
      condition: sql`(select count(*) from domains where tenant_id = ${by.tenantId}) < ${MOST_DOMAINS}`,
      blocked: `A tenant has at most ${MOST_DOMAINS} domains. Remove one that is not needed.`,
    },
  );
  return added.ok ? ok(toDomain(added.value)) : added;
}

import { sql } from 'drizzle-orm';
import { CHALLENGE_LABEL } from '../auth/email-domain.ts';
import { type Domain, domainFields } from '../contracts/http/domains.ts';
import { domains } from '../db/schema/domains.ts';
import type { ConfigurationTable } from './change-configuration.ts';
import { createdAtText, isoText } from './configuration-columns.ts';

/** A domain is verified while its tenant holds it, whatever its own row says. */
export const DOMAINS: ConfigurationTable = {
  table: domains,
  target: 'domain',
  fields: sql`jsonb_build_object('id', domains.id, 'name', domains.name, 'challenge', domains.challenge,
    'defaultRoleId', default_role_id, 'createdAt', ${createdAtText}, 'verifiedAt', null, 'lastSeenAt', null)
    || coalesce((
      select jsonb_build_object('verifiedAt', ${isoText('verified_at')}, 'lastSeenAt', ${isoText('seen_at')})
      from verified_domains as held
      where held.holder_id = domains.tenant_id and held.domain_id = domains.id and held.lapsed_at is null), '{}')`,
};

/** A row's fields as clients see them. */
export function toDomain(fields: unknown): Domain {
  const { challenge, ...rest } = domainFields.parse(fields);
  return {
    ...rest,
    status: rest.verifiedAt === null ? 'pending' : 'verified',
    record: { type: 'TXT', name: `${CHALLENGE_LABEL}.${rest.name}`, value: challenge },
  };
}

import { sql } from 'drizzle-orm';
import { type IdentityProviderFields, identityProviderFields } from '../contracts/http/identity-providers.ts';
import { identityProviders } from '../db/schema/sign-in.ts';
import type { ConfigurationTable } from './change-configuration.ts';
import { createdAtText } from './configuration-columns.ts';

/** A secret is only said to be there. */
export const IDENTITY_PROVIDERS: ConfigurationTable = {
  table: identityProviders,
  target: 'identity_provider',
  fields: sql`jsonb_build_object('id', id, 'name', name, 'issuer', issuer, 'clientId', client_id,
    'hasClientSecret', encrypted_client_secret is not null, 'emailDomains', email_domains,
    'defaultRoleId', default_role_id, 'environmentId', environment_id,
    'externalIdClaim', external_id_claim, 'enabled', enabled, 'createdAt', ${createdAtText})`,
};

/** A row's fields as clients see them. */
export function toIdentityProvider(fields: unknown): IdentityProviderFields {
  return identityProviderFields.parse(fields);
}

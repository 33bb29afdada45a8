import type { IdentityProviderChange, IdentityProviderFields } from '../contracts/http/identity-providers.ts';
import { ok, type Result } from '../errors/result.ts';
import { type ChangeContext, type ChangeRefusal, updateConfiguration } from './change-configuration.ts';
import { checkDefaultRole } from './check-default-role.ts';
import { givenColumns } from './configuration-columns.ts';
import type { ProviderMaker } from './create-identity-provider.ts';
import { IDENTITY_PROVIDERS, toIdentityProvider } from './identity-provider-fields.ts';

/** Changes an identity provider, with its audit row. Its issuer stays. */
export async function updateIdentityProvider(
  by: ChangeContext,
  maker: ProviderMaker,
  id: string,
  change: IdentityProviderChange,
): Promise<Result<IdentityProviderFields, ChangeRefusal>> {
  const { name, clientId, clientSecret, emailDomains, defaultRoleId, environmentId, externalIdClaim, enabled } = change;
  const checked = await checkDefaultRole(by, defaultRoleId, maker.permissions);
  if (!checked.ok) return checked;
  const row = givenColumns({
    name,
    client_id: clientId,
    encrypted_client_secret: typeof clientSecret === 'string' ? await maker.seal(id, clientSecret) : clientSecret,
    email_domains: emailDomains,
    default_role_id: defaultRoleId,
    environment_id: environmentId,
    external_id_claim: externalIdClaim,
    enabled,
  });
  const updated = await updateConfiguration(by, IDENTITY_PROVIDERS, id, row, { environmentId });
  return updated.ok ? ok(toIdentityProvider(updated.value)) : updated;
}

import { uuidv7 } from 'uuidv7';
import type { IdentityProviderFields, IdentityProviderInput } from '../contracts/http/identity-providers.ts';
import { ok, type Result } from '../errors/result.ts';
import { type ChangeContext, type ChangeRefusal, insertConfiguration } from './change-configuration.ts';
import { checkDefaultRole } from './check-default-role.ts';
import { IDENTITY_PROVIDERS, toIdentityProvider } from './identity-provider-fields.ts';

/** Who adds a provider, and who seals its secret. */
export interface ProviderMaker {
  readonly permissions: ReadonlySet<string>;
  seal(id: string, secret: string): Promise<string>;
}

/** Adds an identity provider of the tenant's own, with its audit row. Does not ask the issuer if it exists. */
export async function createIdentityProvider(
  by: ChangeContext,
  maker: ProviderMaker,
  input: IdentityProviderInput,
): Promise<Result<IdentityProviderFields, ChangeRefusal>> {
  const { name, issuer, clientId, clientSecret, emailDomains, defaultRoleId, environmentId, externalIdClaim, enabled } =
    input;
  const checked = await checkDefaultRole(by, defaultRoleId, maker.permissions);
  if (!checked.ok) return checked;
  const id = uuidv7();
  const row = {
    id,
    name,
    issuer,
    client_id: clientId,
    encrypted_client_secret: clientSecret === null ? null : await maker.seal(id, clientSecret),
    email_domains: emailDomains,
    default_role_id: defaultRoleId,
    environment_id: environmentId,
    external_id_claim: externalIdClaim,
    enabled,
  };
  const created = await insertConfiguration(by, IDENTITY_PROVIDERS, row, { environmentId });
  return created.ok ? ok(toIdentityProvider(created.value)) : created;
}

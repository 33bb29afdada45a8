import type { IdentityProvider, IdentityProviderFields } from '../../../shared/contracts/http/identity-providers.ts';
import { clientSecret } from '../../../shared/crypto/seal-contexts.ts';
import type { ProviderMaker } from '../../../shared/services/create-identity-provider.ts';
import type { AppContext } from '../app-context.ts';
import { CALLBACK_PATH } from './callback-path.ts';
import { ownOrigin } from './is-same-site.ts';

/** An identity provider with the addresses that it needs of us. */
export function showIdentityProvider(context: AppContext, fields: IdentityProviderFields): IdentityProvider {
  const { tenantId } = context.get('tenant');
  const origin = ownOrigin(context);
  const query = new URLSearchParams({ tenantId, provider: fields.id });
  return {
    ...fields,
    loginUrl: `${origin}/v1/auth/login?${query}`,
    redirectUri: origin + CALLBACK_PATH,
    backchannelLogoutUri: `${origin}/v1/auth/backchannel-logout?${query}`,
  };
}

/** Who adds or changes one by this request. */
export function providerMaker(context: AppContext): ProviderMaker {
  const { tenantId, permissions } = context.get('tenant');
  const { vault } = context.get('ports');
  return { permissions, seal: (id, secret) => vault.seal(clientSecret(tenantId, id), secret) };
}

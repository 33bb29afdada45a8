import { createRouter } from '../../create-router.ts';
import { createIdentityProviderRoute, handleCreateIdentityProvider } from './create.ts';
import { deleteIdentityProviderRoute, handleDeleteIdentityProvider } from './delete.ts';
import { getIdentityProviderRoute, handleGetIdentityProvider } from './get.ts';
import { handleListIdentityProviders, listIdentityProvidersRoute } from './list.ts';
import { handleListProvisionedGroups, listProvisionedGroupsRoute } from './scim-groups/list.ts';
import { handleMapScimGroup, mapScimGroupRoute } from './scim-groups/map.ts';
import { createScimTokenRoute, handleCreateScimToken } from './scim-tokens/create.ts';
import { handleListScimTokens, listScimTokensRoute } from './scim-tokens/list.ts';
import { handleRevokeScimToken, revokeScimTokenRoute } from './scim-tokens/revoke.ts';
import { handleUpdateIdentityProvider, updateIdentityProviderRoute } from './update.ts';

export const identityProviderRoutes = createRouter()
  .openapi(listIdentityProvidersRoute, handleListIdentityProviders)
  .openapi(createIdentityProviderRoute, handleCreateIdentityProvider)
  .openapi(getIdentityProviderRoute, handleGetIdentityProvider)
  .openapi(updateIdentityProviderRoute, handleUpdateIdentityProvider)
  .openapi(deleteIdentityProviderRoute, handleDeleteIdentityProvider)
  .openapi(listScimTokensRoute, handleListScimTokens)
  .openapi(createScimTokenRoute, handleCreateScimToken)
  .openapi(revokeScimTokenRoute, handleRevokeScimToken)
  .openapi(listProvisionedGroupsRoute, handleListProvisionedGroups)
  .openapi(mapScimGroupRoute, handleMapScimGroup);

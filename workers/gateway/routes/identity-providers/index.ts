import { createRouter } from '../../create-router.ts';
import { createIdentityProviderRoute, handleCreateIdentityProvider } from './create.ts';
import { deleteIdentityProviderRoute, handleDeleteIdentityProvider } from './delete.ts';
import { getIdentityProviderRoute, handleGetIdentityProvider } from './get.ts';
import { handleListIdentityProviders, listIdentityProvidersRoute } from './list.ts';
import { handleUpdateIdentityProvider, updateIdentityProviderRoute } from './update.ts';

export const identityProviderRoutes = createRouter()
  .openapi(listIdentityProvidersRoute, handleListIdentityProviders)
  .openapi(createIdentityProviderRoute, handleCreateIdentityProvider)
  .openapi(getIdentityProviderRoute, handleGetIdentityProvider)
  .openapi(updateIdentityProviderRoute, handleUpdateIdentityProvider)
  .openapi(deleteIdentityProviderRoute, handleDeleteIdentityProvider);

import { createRouter } from '../../create-router.ts';
import { createProviderAccountRoute, handleCreateProviderAccount } from './create.ts';
import { deleteProviderAccountRoute, handleDeleteProviderAccount } from './delete.ts';
import { getProviderAccountRoute, handleGetProviderAccount } from './get.ts';
import { handleListProviderAccounts, listProviderAccountsRoute } from './list.ts';
import { handleRotateProviderCredentials, rotateProviderCredentialsRoute } from './rotate.ts';
import { handleTestProviderAccount, testProviderAccountRoute } from './test.ts';
import { handleUpdateProviderAccount, updateProviderAccountRoute } from './update.ts';

export const providerRoutes = createRouter()
  .openapi(listProviderAccountsRoute, handleListProviderAccounts)
  .openapi(createProviderAccountRoute, handleCreateProviderAccount)
  .openapi(getProviderAccountRoute, handleGetProviderAccount)
  .openapi(updateProviderAccountRoute, handleUpdateProviderAccount)
  .openapi(rotateProviderCredentialsRoute, handleRotateProviderCredentials)
  .openapi(testProviderAccountRoute, handleTestProviderAccount)
  .openapi(deleteProviderAccountRoute, handleDeleteProviderAccount);

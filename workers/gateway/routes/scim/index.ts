import { createRouter } from '../../create-router.ts';
import { createScimGroupRoute, handleCreateScimGroup } from './groups/create.ts';
import { deleteScimGroupRoute, handleDeleteScimGroup } from './groups/delete.ts';
import { getScimGroupRoute, handleGetScimGroup } from './groups/get.ts';
import { handleListScimGroups, listScimGroupsRoute } from './groups/list.ts';
import { handlePatchScimGroup, patchScimGroupRoute } from './groups/patch.ts';
import { handleReplaceScimGroup, replaceScimGroupRoute } from './groups/replace.ts';
import { handleListScimResourceTypes, listScimResourceTypesRoute } from './resource-types.ts';
import { handleListScimSchemas, listScimSchemasRoute } from './schemas.ts';
import { getScimServiceProviderConfigRoute, handleGetScimServiceProviderConfig } from './service-provider-config.ts';
import { createScimUserRoute, handleCreateScimUser } from './users/create.ts';
import { deleteScimUserRoute, handleDeleteScimUser } from './users/delete.ts';
import { getScimUserRoute, handleGetScimUser } from './users/get.ts';
import { handleListScimUsers, listScimUsersRoute } from './users/list.ts';
import { handlePatchScimUser, patchScimUserRoute } from './users/patch.ts';
import { handleReplaceScimUser, replaceScimUserRoute } from './users/replace.ts';

export const scimRoutes = createRouter()
  .openapi(getScimServiceProviderConfigRoute, handleGetScimServiceProviderConfig)
  .openapi(listScimResourceTypesRoute, handleListScimResourceTypes)
  .openapi(listScimSchemasRoute, handleListScimSchemas)
  .openapi(listScimUsersRoute, handleListScimUsers)
  .openapi(createScimUserRoute, handleCreateScimUser)
  .openapi(getScimUserRoute, handleGetScimUser)
  .openapi(replaceScimUserRoute, handleReplaceScimUser)
  .openapi(patchScimUserRoute, handlePatchScimUser)
  .openapi(deleteScimUserRoute, handleDeleteScimUser)
  .openapi(listScimGroupsRoute, handleListScimGroups)
  .openapi(createScimGroupRoute, handleCreateScimGroup)
  .openapi(getScimGroupRoute, handleGetScimGroup)
  .openapi(replaceScimGroupRoute, handleReplaceScimGroup)
  .openapi(patchScimGroupRoute, handlePatchScimGroup)
  .openapi(deleteScimGroupRoute, handleDeleteScimGroup);

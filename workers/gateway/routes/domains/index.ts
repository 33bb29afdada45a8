import { createRouter } from '../../create-router.ts';
import { addDomainRoute, handleAddDomain } from './create.ts';
import { deleteDomainRoute, handleDeleteDomain } from './delete.ts';
import { getDomainRoute, handleGetDomain } from './get.ts';
import { handleListDomains, listDomainsRoute } from './list.ts';
import { handleUpdateDomain, updateDomainRoute } from './update.ts';
import { handleVerifyDomain, verifyDomainRoute } from './verify.ts';

export const domainRoutes = createRouter()
  .openapi(listDomainsRoute, handleListDomains)
  .openapi(addDomainRoute, handleAddDomain)
  .openapi(getDomainRoute, handleGetDomain)
  .openapi(updateDomainRoute, handleUpdateDomain)
  .openapi(deleteDomainRoute, handleDeleteDomain)
  .openapi(verifyDomainRoute, handleVerifyDomain);

import { createRouter } from '../../create-router.ts';
import { createResidencyPolicyRoute, handleCreateResidencyPolicy } from './create-policy.ts';
import { deleteResidencyPolicyRoute, handleDeleteResidencyPolicy } from './delete-policy.ts';
import { getResidencyPolicyRoute, handleGetResidencyPolicy } from './get-policy.ts';
import { getResidencyReportRoute, handleGetResidencyReport } from './get-report.ts';
import { handleListResidencyPolicies, listResidencyPoliciesRoute } from './list-policies.ts';
import { handleUpdateResidencyPolicy, updateResidencyPolicyRoute } from './update-policy.ts';

export const residencyRoutes = createRouter()
  .openapi(listResidencyPoliciesRoute, handleListResidencyPolicies)
  .openapi(createResidencyPolicyRoute, handleCreateResidencyPolicy)
  .openapi(getResidencyPolicyRoute, handleGetResidencyPolicy)
  .openapi(updateResidencyPolicyRoute, handleUpdateResidencyPolicy)
  .openapi(deleteResidencyPolicyRoute, handleDeleteResidencyPolicy)
  .openapi(getResidencyReportRoute, handleGetResidencyReport);

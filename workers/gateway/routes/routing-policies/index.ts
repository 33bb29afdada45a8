import { createRouter } from '../../create-router.ts';
import { createRoutingPolicyRoute, handleCreateRoutingPolicy } from './create.ts';
import { deleteRoutingPolicyRoute, handleDeleteRoutingPolicy } from './delete.ts';
import { getRoutingPolicyRoute, handleGetRoutingPolicy } from './get.ts';
import { handleListRoutingPolicies, listRoutingPoliciesRoute } from './list.ts';
import { handlePublishRoutingPolicy, publishRoutingPolicyRoute } from './publish.ts';
import { handleRollBackRoutingPolicy, rollBackRoutingPolicyRoute } from './roll-back.ts';
import { handleSimulateRoutingPolicy, simulateRoutingPolicyRoute } from './simulate.ts';
import { handleUpdateRoutingPolicy, updateRoutingPolicyRoute } from './update.ts';

export const routingPolicyRoutes = createRouter()
  .openapi(listRoutingPoliciesRoute, handleListRoutingPolicies)
  .openapi(createRoutingPolicyRoute, handleCreateRoutingPolicy)
  .openapi(getRoutingPolicyRoute, handleGetRoutingPolicy)
  .openapi(updateRoutingPolicyRoute, handleUpdateRoutingPolicy)
  .openapi(deleteRoutingPolicyRoute, handleDeleteRoutingPolicy)
  .openapi(publishRoutingPolicyRoute, handlePublishRoutingPolicy)
  .openapi(rollBackRoutingPolicyRoute, handleRollBackRoutingPolicy)
  .openapi(simulateRoutingPolicyRoute, handleSimulateRoutingPolicy);

import { createRouter } from '../../create-router.ts';
import { createOrchestrationRoute, handleCreateOrchestration } from './create.ts';

export const orchestrateRoutes = createRouter().openapi(createOrchestrationRoute, handleCreateOrchestration);

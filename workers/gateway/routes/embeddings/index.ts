import { createRouter } from '../../create-router.ts';
import { createEmbeddingRoute, handleCreateEmbedding } from './create.ts';

export const embeddingRoutes = createRouter().openapi(createEmbeddingRoute, handleCreateEmbedding);

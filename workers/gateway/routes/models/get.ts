import { createRoute, type RouteHandler, z } from '@hono/zod-openapi';
import { anthropicModel } from '../../../../shared/contracts/http/anthropic/models.ts';
import { openAiModel } from '../../../../shared/contracts/http/openai/models.ts';
import type { AppTypes } from '../../app-context.ts';
import { findName } from '../../dialects/models/list-names.ts';
import { toAnthropicModel, toOpenAiModel } from '../../dialects/models/write-models.ts';
import { errorResponse } from '../../error-response.ts';
import { DIALECT_SECURITY, dialectAnswer, dialectErrors, dialectRoute } from '../dialect-config.ts';

export const getModelRoute = createRoute({
  method: 'get',
  path: '/v1/models/{model}',
  operationId: 'getModel',
  tags: ['Models'],
  summary: 'Get one of the models that a request may name',
  description: 'A name with a slash is written with `%2F`, as clients do.',
  security: DIALECT_SECURITY,
  middleware: dialectRoute('orchestrate:invoke'),
  request: { params: z.object({ model: z.string().min(1) }) },
  responses: {
    200: dialectAnswer('The model.', z.union([openAiModel, anthropicModel])),
    ...dialectErrors(['openai', 'anthropic'], ['model_not_found']),
  },
});

export const handleGetModel: RouteHandler<typeof getModelRoute, AppTypes> = (context) => {
  const { model } = context.req.valid('param');
  const name = findName(context.get('tenant'), model);
  if (!name) {
    const detail = `There is no model or routing policy "${model}". GET /v1/models lists them.`;
    return errorResponse(context, { code: 'model_not_found', detail });
  }
  return context.json(context.get('dialect') === 'openai' ? toOpenAiModel(name) : toAnthropicModel(name), 200);
};

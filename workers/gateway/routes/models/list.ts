import { createRoute, type RouteHandler, z } from '@hono/zod-openapi';
import { anthropicModelList, anthropicModelQuery } from '../../../../shared/contracts/http/anthropic/models.ts';
import { openAiModelList } from '../../../../shared/contracts/http/openai/models.ts';
import type { AppTypes } from '../../app-context.ts';
import { listNames } from '../../dialects/models/list-names.ts';
import { toAnthropicModel, toOpenAiModel } from '../../dialects/models/write-models.ts';
import { DIALECT_SECURITY, dialectAnswer, dialectErrors, dialectRoute } from '../dialect-config.ts';

/** What Anthropic's API lists at once unless asked otherwise. */
const DEFAULT_PAGE = 20;

export const listModelsRoute = createRoute({
  method: 'get',
  path: '/v1/models',
  operationId: 'listModels',
  tags: ['Models'],
  summary: 'List what a request may name as its model',
  description:
    'The models of the tenant’s providers and its routing policies: in Anthropic’s form and by pages for a request with `anthropic-version`, else in OpenAI’s and all at once.',
  security: DIALECT_SECURITY,
  middleware: dialectRoute('orchestrate:invoke'),
  request: { query: anthropicModelQuery },
  responses: {
    200: dialectAnswer('The models.', z.union([openAiModelList, anthropicModelList])),
    ...dialectErrors(['openai', 'anthropic'], []),
  },
});

export const handleListModels: RouteHandler<typeof listModelsRoute, AppTypes> = (context) => {
  const names = listNames(context.get('tenant'));
  if (context.get('dialect') === 'openai') {
    return context.json({ object: 'list' as const, data: names.map(toOpenAiModel) }, 200);
  }
  const { limit = DEFAULT_PAGE, after_id: after, before_id: before } = context.req.valid('query');
  const start = after === undefined ? 0 : names.findIndex(({ id }) => id === after) + 1;
  const end = before === undefined ? names.length : names.findIndex(({ id }) => id === before);
  const between = names.slice(start, Math.max(end, start));
  const page = before === undefined ? between.slice(0, limit) : between.slice(-limit);
  const data = page.map(toAnthropicModel);
  const answer = {
    data,
    has_more: between.length > page.length,
    first_id: data[0]?.id ?? null,
    last_id: data.at(-1)?.id ?? null,
  };
  return context.json(answer, 200);
};

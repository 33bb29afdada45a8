import { createRoute, type RouteHandler } from '@hono/zod-openapi';
import { openAiEmbeddingList, openAiEmbeddingRequest } from '../../../../shared/contracts/http/openai/embeddings.ts';
import type { AppTypes } from '../../app-context.ts';
import { readRequest } from '../../dialects/openai-embeddings/read-request.ts';
import { writeAnswer } from '../../dialects/openai-embeddings/write-answer.ts';
import { errorResponse } from '../../error-response.ts';
import { answerWhole } from '../answer-dialect.ts';
import {
  CALL_ERRORS,
  DIALECT_SECURITY,
  dialectAnswer,
  dialectErrors,
  dialectHeaders,
  dialectHoldRoute,
} from '../dialect-config.ts';
import { readDialectInput } from '../read-dialect-input.ts';

export const createEmbeddingRoute = createRoute({
  method: 'post',
  path: '/v1/embeddings',
  operationId: 'createEmbedding',
  tags: ['OpenAI clients'],
  summary: 'Embed texts as with OpenAI',
  description: 'OpenAI’s embeddings over every provider that has them. Vectors of different models cannot be compared.',
  security: DIALECT_SECURITY,
  middleware: dialectHoldRoute('orchestrate:invoke', 'openai'),
  request: {
    headers: dialectHeaders,
    body: { required: true, content: { 'application/json': { schema: openAiEmbeddingRequest } } },
  },
  responses: {
    200: dialectAnswer('A vector for each text, in their order.', openAiEmbeddingList),
    ...dialectErrors(['openai'], CALL_ERRORS),
  },
});

export const handleCreateEmbedding: RouteHandler<typeof createEmbeddingRoute, AppTypes> = async (context) => {
  const body = context.req.valid('json');
  const read = readRequest(body);
  if (!read.ok) return errorResponse(context, read.error);
  const { encodingFormat } = read.value;
  const input = await readDialectInput(context, read.value, { taskType: 'embedding', stream: false, parsed: body });
  if (!input.ok) return errorResponse(context, input.error);
  return await answerWhole(context, input.value, (response) => writeAnswer(response, encodingFormat));
};

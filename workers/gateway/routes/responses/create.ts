import { createRoute, type RouteHandler } from '@hono/zod-openapi';
import {
  openAiResponse,
  openAiResponseEvent,
  openAiResponsesRequest,
} from '../../../../shared/contracts/http/openai/responses.ts';
import type { AppTypes } from '../../app-context.ts';
import { readRequest } from '../../dialects/openai-responses/read-request.ts';
import { createStreamEncoder } from '../../dialects/openai-responses/stream-encoder.ts';
import { writeAnswer } from '../../dialects/openai-responses/write-answer.ts';
import {
  CALL_ERRORS,
  DIALECT_SECURITY,
  dialectErrors,
  dialectHeaders,
  dialectHoldRoute,
  dialectStreamAnswer,
} from '../dialect-config.ts';
import { serveDialect } from '../serve-dialect.ts';

export const createResponseRoute = createRoute({
  method: 'post',
  path: '/v1/responses',
  operationId: 'createResponse',
  tags: ['OpenAI clients'],
  summary: 'Create a response as with OpenAI',
  description:
    'OpenAI’s Responses over every provider. Nothing is stored here: send the whole input each time. A stream that fails ends in an `error` event, never in `response.completed`.',
  security: DIALECT_SECURITY,
  middleware: dialectHoldRoute('orchestrate:invoke', 'openai'),
  request: {
    headers: dialectHeaders,
    body: { required: true, content: { 'application/json': { schema: openAiResponsesRequest } } },
  },
  responses: {
    200: dialectStreamAnswer('The response; with `stream`, its events.', openAiResponse, openAiResponseEvent),
    ...dialectErrors(['openai'], CALL_ERRORS),
  },
});

export const handleCreateResponse: RouteHandler<typeof createResponseRoute, AppTypes> = async (context) => {
  const body = context.req.valid('json');
  return await serveDialect(context, readRequest(body), {
    body,
    taskType: 'chat',
    encoderFor: createStreamEncoder,
    write: (response, startedAt, { echo }) => writeAnswer(response, { echo, startedAt }),
  });
};

import { createRoute, type RouteHandler } from '@hono/zod-openapi';
import {
  openAiChatCompletion,
  openAiChatCompletionChunk,
  openAiChatRequest,
} from '../../../../shared/contracts/http/openai/chat-completions.ts';
import type { AppTypes } from '../../app-context.ts';
import { readRequest } from '../../dialects/openai-chat/read-request.ts';
import { createStreamEncoder } from '../../dialects/openai-chat/stream-encoder.ts';
import { writeAnswer } from '../../dialects/openai-chat/write-answer.ts';
import {
  CALL_ERRORS,
  DIALECT_SECURITY,
  dialectErrors,
  dialectHeaders,
  dialectHoldRoute,
  dialectStreamAnswer,
} from '../dialect-config.ts';
import { serveDialect } from '../serve-dialect.ts';

export const createChatCompletionRoute = createRoute({
  method: 'post',
  path: '/v1/chat/completions',
  operationId: 'createChatCompletion',
  tags: ['OpenAI clients'],
  summary: 'Chat as with OpenAI',
  description:
    'OpenAI’s Chat Completions over every provider: `model` is a model, `provider/model` or a routing policy. A stream that fails ends in an `error` event, never in `[DONE]`.',
  security: DIALECT_SECURITY,
  middleware: dialectHoldRoute('orchestrate:invoke', 'openai'),
  request: {
    headers: dialectHeaders,
    body: { required: true, content: { 'application/json': { schema: openAiChatRequest } } },
  },
  responses: {
    200: dialectStreamAnswer(
      'The completion; with `stream`, its chunks.',
      openAiChatCompletion,
      openAiChatCompletionChunk,
    ),
    ...dialectErrors(['openai'], CALL_ERRORS),
  },
});

export const handleCreateChatCompletion: RouteHandler<typeof createChatCompletionRoute, AppTypes> = async (context) => {
  const body = context.req.valid('json');
  return await serveDialect(context, readRequest(body), {
    body,
    taskType: 'chat',
    encoderFor: createStreamEncoder,
    write: writeAnswer,
  });
};

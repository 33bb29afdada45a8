import { createRoute, type RouteHandler } from '@hono/zod-openapi';
import {
  anthropicMessage,
  anthropicMessagesRequest,
  anthropicStreamEvent,
} from '../../../../shared/contracts/http/anthropic/messages.ts';
import type { AppTypes } from '../../app-context.ts';
import { readRequest } from '../../dialects/anthropic/read-request.ts';
import { createStreamEncoder } from '../../dialects/anthropic/stream-encoder.ts';
import { writeAnswer } from '../../dialects/anthropic/write-answer.ts';
import {
  CALL_ERRORS,
  DIALECT_SECURITY,
  dialectErrors,
  dialectHeaders,
  dialectHoldRoute,
  dialectStreamAnswer,
} from '../dialect-config.ts';
import { serveDialect } from '../serve-dialect.ts';

export const createMessageRoute = createRoute({
  method: 'post',
  path: '/v1/messages',
  operationId: 'createMessage',
  tags: ['Anthropic clients'],
  summary: 'Chat as with Anthropic',
  description:
    'Anthropic’s Messages over every provider: `model` is a model, `provider/model` or a routing policy. A stream that fails ends in an `error` event, never in `message_stop`.',
  security: DIALECT_SECURITY,
  middleware: dialectHoldRoute('orchestrate:invoke', 'anthropic'),
  request: {
    headers: dialectHeaders,
    body: { required: true, content: { 'application/json': { schema: anthropicMessagesRequest } } },
  },
  responses: {
    200: dialectStreamAnswer('The message; with `stream`, its events.', anthropicMessage, anthropicStreamEvent),
    ...dialectErrors(['anthropic'], CALL_ERRORS),
  },
});

export const handleCreateMessage: RouteHandler<typeof createMessageRoute, AppTypes> = async (context) => {
  const body = context.req.valid('json');
  return await serveDialect(context, readRequest(body), {
    body,
    taskType: 'chat',
    encoderFor: createStreamEncoder,
    write: writeAnswer,
  });
};

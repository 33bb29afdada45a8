import { createRoute, type RouteHandler } from '@hono/zod-openapi';
import { openAiCompletion, openAiCompletionRequest } from '../../../../shared/contracts/http/openai/completions.ts';
import { resolveModel } from '../../../../shared/domain/routing/resolve-model.ts';
import { ok } from '../../../../shared/errors/result.ts';
import type { AppContext, AppTypes } from '../../app-context.ts';
import { asChat, readRequest } from '../../dialects/openai-completions/read-request.ts';
import { createStreamEncoder } from '../../dialects/openai-completions/stream-encoder.ts';
import { writeAnswer } from '../../dialects/openai-completions/write-answer.ts';
import {
  CALL_ERRORS,
  DIALECT_SECURITY,
  dialectErrors,
  dialectHeaders,
  dialectHoldRoute,
  dialectStreamAnswer,
} from '../dialect-config.ts';
import { serveDialect } from '../serve-dialect.ts';
import { completesText } from './completes-text.ts';

export const createCompletionRoute = createRoute({
  method: 'post',
  path: '/v1/completions',
  operationId: 'createCompletion',
  tags: ['OpenAI clients'],
  summary: 'Complete a text as with OpenAI',
  description:
    'OpenAI’s legacy completions over every provider: a model that only chats is asked the prompt as a user’s message. A stream that fails ends in an `error` event, never in `[DONE]`.',
  security: DIALECT_SECURITY,
  middleware: dialectHoldRoute('orchestrate:invoke', 'openai'),
  request: {
    headers: dialectHeaders,
    body: { required: true, content: { 'application/json': { schema: openAiCompletionRequest } } },
  },
  responses: {
    200: dialectStreamAnswer('The completion; with `stream`, its chunks.', openAiCompletion, openAiCompletion),
    ...dialectErrors(['openai'], CALL_ERRORS),
  },
});

export const handleCreateCompletion: RouteHandler<typeof createCompletionRoute, AppTypes> = async (context) => {
  const body = context.req.valid('json');
  const read = readRequest(body);
  const speech = { body, encoderFor: createStreamEncoder, write: writeAnswer };
  if (read.ok && !isCompletion(context, read.value.model)) {
    const asked = ok({ ...read.value, input: asChat(read.value.input) });
    return await serveDialect(context, asked, { ...speech, taskType: 'chat' });
  }
  return await serveDialect(context, read, { ...speech, taskType: 'completion' });
};

/** Where a routing policy decides, the prompt is a chat: that is what every model of it can do. */
function isCompletion(context: AppContext, model: string): boolean {
  if (context.req.header('x-eufm-policy') !== undefined) return false;
  const resolved = resolveModel(context.get('tenant').snapshot, model);
  return resolved?.kind === 'model' && completesText(resolved.name);
}

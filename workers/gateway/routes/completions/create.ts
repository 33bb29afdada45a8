import { createRoute, type RouteHandler } from '@hono/zod-openapi';
import { openAiCompletion, openAiCompletionRequest } from '../../../../shared/contracts/http/openai/completions.ts';
import { resolveModel } from '../../../../shared/domain/routing/resolve-model.ts';
import type { AppContext, AppTypes } from '../../app-context.ts';
import { asChat, readRequest } from '../../dialects/openai-completions/read-request.ts';
import { createStreamEncoder } from '../../dialects/openai-completions/stream-encoder.ts';
import { writeAnswer } from '../../dialects/openai-completions/write-answer.ts';
import { errorResponse } from '../../error-response.ts';
import { answerStream, answerWhole } from '../answer-dialect.ts';
import {
  CALL_ERRORS,
  DIALECT_SECURITY,
  dialectBodyRoute,
  dialectErrors,
  dialectHeaders,
  dialectStreamAnswer,
} from '../dialect-config.ts';
import { readDialectInput } from '../read-dialect-input.ts';
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
  middleware: dialectBodyRoute('orchestrate:invoke', 'openai'),
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
  if (!read.ok) return errorResponse(context, read.error);
  const { stream, includeUsage } = read.value;
  const input = isCompletion(context, read.value.model)
    ? await readDialectInput(context, read.value, { taskType: 'completion', stream, parsed: body })
    : await readDialectInput(
        context,
        { ...read.value, input: asChat(read.value.input) },
        { taskType: 'chat', stream, parsed: body },
      );
  if (!input.ok) return errorResponse(context, input.error);
  if (stream) return await answerStream(context, input.value, createStreamEncoder({ includeUsage }));
  return await answerWhole(context, input.value, (response) => writeAnswer(response, input.value.startedAt));
};

/** Where a routing policy decides, the prompt is a chat: that is what every model of it can do. */
function isCompletion(context: AppContext, model: string): boolean {
  if (context.req.header('x-eufm-policy') !== undefined) return false;
  const resolved = resolveModel(context.get('tenant').snapshot, model);
  return resolved?.kind === 'model' && completesText(resolved.name);
}

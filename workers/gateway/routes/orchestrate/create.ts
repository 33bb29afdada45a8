import { createRoute, type RouteHandler } from '@hono/zod-openapi';
import {
  orchestrateRequest,
  orchestrateResponse,
  queuedResponse,
} from '../../../../shared/contracts/http/orchestrate.ts';
import { streamEvent } from '../../../../shared/contracts/http/stream-events.ts';
import type { DomainError } from '../../../../shared/errors/domain-error.ts';
import { answerJson } from '../../answer.ts';
import type { AppTypes } from '../../app-context.ts';
import { errorResponse } from '../../error-response.ts';
import { eventStreamResponse } from '../../event-stream-response.ts';
import { orchestrateEncoder } from '../../pipeline/orchestrate-encoder.ts';
import { runRequest } from '../../pipeline/run-request.ts';
import { streamRequest } from '../../pipeline/stream-request.ts';
import { queueRequest } from '../../tasks/queue-request.ts';
import { toPipelineInput } from '../../to-pipeline-input.ts';
import {
  callHeaders,
  jsonAnswer,
  MODEL_ERRORS,
  storedAnswerHeaders,
  TENANT_SECURITY,
  tenantBodyErrors,
  tenantHoldRoute,
} from '../route-config.ts';

const NO_CALLBACK: DomainError = {
  code: 'not_supported',
  detail: 'A request that is not `async` has no callback: its answer is the end.',
  errors: [{ pointer: '/callbackUrl', detail: 'is for a request that is `async`' }],
};

const answer = jsonAnswer('The model’s answer; with `stream`, its events.', orchestrateResponse);

export const createOrchestrationRoute = createRoute({
  method: 'post',
  path: '/v1/orchestrate',
  operationId: 'orchestrate',
  tags: ['Orchestration'],
  summary: 'Send one request to a model',
  description:
    'Money for the most that the request can cost is set aside before the provider is called; what it really cost is recorded and billed. Costs nothing when it is refused.',
  security: TENANT_SECURITY,
  middleware: tenantHoldRoute('orchestrate:invoke'),
  request: {
    headers: callHeaders,
    body: { required: true, content: { 'application/json': { schema: orchestrateRequest } } },
  },
  responses: {
    200: {
      ...answer,
      headers: storedAnswerHeaders,
      content: { ...answer.content, 'text/event-stream': { schema: streamEvent } },
    },
    202: jsonAnswer('With `async`: the task, which is durable.', queuedResponse),
    ...tenantBodyErrors(MODEL_ERRORS),
  },
});

export const handleCreateOrchestration: RouteHandler<typeof createOrchestrationRoute, AppTypes> = async (context) => {
  const request = context.req.valid('json');
  if (request.async) {
    const queued = await queueRequest(context, request);
    return queued.ok ? context.json(queued.value, 202) : errorResponse(context, queued.error);
  }
  if (request.callbackUrl !== undefined) return errorResponse(context, NO_CALLBACK);
  const input = toPipelineInput(context, request);
  if (request.stream) {
    const streamed = await streamRequest(input, orchestrateEncoder);
    if (!streamed.ok) return errorResponse(context, streamed.error);
    return eventStreamResponse(context, streamed.value.events);
  }
  const result = await runRequest(input);
  return result.ok ? answerJson(context, result.value.response) : errorResponse(context, result.error);
};

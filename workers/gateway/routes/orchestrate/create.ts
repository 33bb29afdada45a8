import { createRoute, type RouteHandler } from '@hono/zod-openapi';
import { orchestrateRequest, orchestrateResponse } from '../../../../shared/contracts/http/orchestrate.ts';
import { streamEvent } from '../../../../shared/contracts/http/stream-events.ts';
import type { AppTypes } from '../../app-context.ts';
import { eventStreamResponse } from '../../event-stream-response.ts';
import { runRequest } from '../../pipeline/run-request.ts';
import { streamRequest } from '../../pipeline/stream-request.ts';
import { problemResponse } from '../../problem-response.ts';
import { jsonAnswer, TENANT_SECURITY, tenantBodyErrors, tenantBodyRoute, tenantHeaders } from '../route-config.ts';

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
  middleware: tenantBodyRoute('orchestrate:invoke'),
  request: {
    headers: tenantHeaders,
    body: { required: true, content: { 'application/json': { schema: orchestrateRequest } } },
  },
  responses: {
    200: {
      ...answer,
      content: { ...answer.content, 'text/event-stream': { schema: streamEvent } },
    },
    ...tenantBodyErrors([
      'model_not_found',
      'routing_policy_not_found',
      'not_supported',
      'provider_rejected',
      'budget_exhausted',
      'model_unpriced',
      'provider_rate_limited',
      'provider_auth_failed',
      'provider_failed',
      'provider_overloaded',
      'provider_timeout',
    ]),
  },
});

export const handleCreateOrchestration: RouteHandler<typeof createOrchestrationRoute, AppTypes> = async (context) => {
  const request = context.req.valid('json');
  const input = {
    request,
    tenant: context.get('tenant'),
    requestId: context.get('requestId'),
    startedAt: context.get('startedAt'),
    trace: context.get('trace'),
    logger: context.get('logger'),
    logFields: context.get('logFields'),
    ports: context.get('ports'),
    clientSignal: context.req.raw.signal,
    waitUntil: (work: Promise<unknown>) => context.executionCtx.waitUntil(work),
  };
  if (request.stream) {
    const streamed = await streamRequest(input);
    return streamed.ok ? eventStreamResponse(context, streamed.value) : problemResponse(context, streamed.error);
  }
  const result = await runRequest(input);
  return result.ok ? context.json(result.value, 200) : problemResponse(context, result.error);
};

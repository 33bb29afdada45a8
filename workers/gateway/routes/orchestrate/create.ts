import { createRoute, type RouteHandler } from '@hono/zod-openapi';
import { orchestrateRequest, orchestrateResponse } from '../../../../shared/contracts/http/orchestrate.ts';
import type { AppTypes } from '../../app-context.ts';
import { runRequest } from '../../pipeline/run-request.ts';
import { problemResponse } from '../../problem-response.ts';
import { jsonAnswer, TENANT_SECURITY, tenantBodyErrors, tenantBodyRoute, tenantHeaders } from '../route-config.ts';

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
    200: jsonAnswer('The model’s answer.', orchestrateResponse),
    ...tenantBodyErrors([
      'model_not_found',
      'routing_policy_not_found',
      'not_supported',
      'provider_rejected',
      'budget_exhausted',
      'provider_rate_limited',
      'provider_auth_failed',
      'provider_failed',
      'provider_overloaded',
      'provider_timeout',
    ]),
  },
});

export const handleCreateOrchestration: RouteHandler<typeof createOrchestrationRoute, AppTypes> = async (context) => {
  const result = await runRequest({
    request: context.req.valid('json'),
    tenant: context.get('tenant'),
    requestId: context.get('requestId'),
    startedAt: context.get('startedAt'),
    trace: context.get('trace'),
    logger: context.get('logger'),
    logFields: context.get('logFields'),
    ports: context.get('ports'),
    waitUntil: (work) => context.executionCtx.waitUntil(work),
  });
  return result.ok ? context.json(result.value, 200) : problemResponse(context, result.error);
};

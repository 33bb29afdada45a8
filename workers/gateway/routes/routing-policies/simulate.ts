import { createRoute, type RouteHandler, z } from '@hono/zod-openapi';
import {
  type RoutingSimulation,
  routingSimulation,
  routingSimulationInput,
  SIMULATED_MAX,
} from '../../../../shared/contracts/http/routing-policies.ts';
import type { DomainError } from '../../../../shared/errors/domain-error.ts';
import { err, ok, type Result } from '../../../../shared/errors/result.ts';
import { getRoutingPolicyVersion } from '../../../../shared/services/get-routing-policy.ts';
import { listRecentRequests } from '../../../../shared/services/list-recent-requests.ts';
import type { AppContext, AppTypes } from '../../app-context.ts';
import { NOT_FOUND } from '../../configuration/apply-change.ts';
import { readRecord } from '../../configuration/read-record.ts';
import { errorResponse } from '../../error-response.ts';
import { simulateRecorded, simulateRequest } from '../../pipeline/simulate-routing.ts';
import { jsonAnswer, TENANT_SECURITY, tenantBodyErrors, tenantBodyRoute, tenantHeaders } from '../route-config.ts';

export const simulateRoutingPolicyRoute = createRoute({
  method: 'post',
  path: '/v1/routing-policies/{id}/simulate',
  operationId: 'simulateRoutingPolicy',
  tags: ['Routing'],
  summary: 'Try a routing policy',
  description:
    'On a request, or on the last that were recorded: where each would have gone and why, and what it would have cost. Nothing is called. Of recorded requests the content is not known, so that tools, images and files are not looked at.',
  security: TENANT_SECURITY,
  middleware: tenantBodyRoute('policies:read'),
  request: {
    headers: tenantHeaders,
    params: z.object({ id: z.uuid() }),
    body: { required: true, content: { 'application/json': { schema: routingSimulationInput } } },
  },
  responses: {
    200: jsonAnswer('What the policy would have done.', routingSimulation),
    ...tenantBodyErrors(['not_found', 'model_not_found', 'model_not_allowed', 'not_supported']),
  },
});

export const handleSimulateRoutingPolicy: RouteHandler<typeof simulateRoutingPolicyRoute, AppTypes> = async (
  context,
) => {
  const simulated = await simulate(context, context.req.valid('param').id, context.req.valid('json'));
  return simulated.ok ? context.json(simulated.value, 200) : errorResponse(context, simulated.error);
};

async function simulate(
  context: AppContext,
  id: string,
  { version, request, lastRequests }: z.infer<typeof routingSimulationInput>,
): Promise<Result<RoutingSimulation, DomainError>> {
  const { ports, tenant } = context.var;
  const wanted = { db: ports.db, tenantId: tenant.tenantId };
  const read = await readRecord(context, () =>
    Promise.all([
      getRoutingPolicyVersion({ ...wanted, id, version }),
      listRecentRequests({ ...wanted, limit: lastRequests ?? SIMULATED_MAX }),
    ]),
  );
  if (!read.ok) return read;
  const [policy, recent] = read.value;
  if (!policy) return err(NOT_FOUND);
  const world = { tenant, policy, recent, routing: ports.routing };
  return request ? simulateRequest(request, world) : ok(simulateRecorded(world));
}

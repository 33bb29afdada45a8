import { createRoute, type RouteHandler, z } from '@hono/zod-openapi';
import { domain, domainChange } from '../../../../shared/contracts/http/domains.ts';
import { updateDomain } from '../../../../shared/services/change-domain.ts';
import type { AppTypes } from '../../app-context.ts';
import { applyChange } from '../../configuration/apply-change.ts';
import { errorResponse } from '../../error-response.ts';
import { jsonAnswer, TENANT_SECURITY, tenantBodyErrors, tenantBodyRoute, tenantHeaders } from '../route-config.ts';

export const updateDomainRoute = createRoute({
  method: 'patch',
  path: '/v1/domains/{id}',
  operationId: 'updateDomain',
  tags: ['Access'],
  summary: 'Change the role of who joins by a domain',
  description: 'Who has joined keeps theirs. None that permits more than you may do yourself.',
  security: TENANT_SECURITY,
  middleware: tenantBodyRoute('members:write'),
  request: {
    headers: tenantHeaders,
    params: z.object({ id: z.uuid() }),
    body: { required: true, content: { 'application/json': { schema: domainChange } } },
  },
  responses: {
    200: jsonAnswer('The domain as it is now.', domain),
    ...tenantBodyErrors(['not_found']),
  },
});

export const handleUpdateDomain: RouteHandler<typeof updateDomainRoute, AppTypes> = async (context) => {
  const { id } = context.req.valid('param');
  const change = context.req.valid('json');
  const updated = await applyChange(context, (by) => updateDomain(by, context.get('tenant'), id, change));
  return updated.ok ? context.json(updated.value, 200) : errorResponse(context, updated.error);
};

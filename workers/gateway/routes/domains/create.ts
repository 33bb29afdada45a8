import { createRoute, type RouteHandler } from '@hono/zod-openapi';
import { domain, domainInput } from '../../../../shared/contracts/http/domains.ts';
import { addDomain } from '../../../../shared/services/add-domain.ts';
import type { AppTypes } from '../../app-context.ts';
import { applyChange } from '../../configuration/apply-change.ts';
import { errorResponse } from '../../error-response.ts';
import { jsonAnswer, TENANT_SECURITY, tenantBodyErrors, tenantBodyRoute, tenantHeaders } from '../route-config.ts';

export const addDomainRoute = createRoute({
  method: 'post',
  path: '/v1/domains',
  operationId: 'addDomain',
  tags: ['Access'],
  summary: 'Say that a domain is yours',
  description: 'The answer has the TXT record that proves it: publish that, then verify the domain.',
  security: TENANT_SECURITY,
  middleware: tenantBodyRoute('members:write'),
  request: {
    headers: tenantHeaders,
    body: { required: true, content: { 'application/json': { schema: domainInput } } },
  },
  responses: {
    201: jsonAnswer('The domain, not verified yet.', domain),
    ...tenantBodyErrors(['already_exists', 'conflict']),
  },
});

export const handleAddDomain: RouteHandler<typeof addDomainRoute, AppTypes> = async (context) => {
  const input = context.req.valid('json');
  const added = await applyChange(context, (by) => addDomain(by, context.get('tenant'), input));
  return added.ok ? context.json(added.value, 201) : errorResponse(context, added.error);
};

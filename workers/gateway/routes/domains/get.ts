import { createRoute, type RouteHandler, z } from '@hono/zod-openapi';
import { domain } from '../../../../shared/contracts/http/domains.ts';
import { getDomain } from '../../../../shared/services/list-domains.ts';
import type { AppTypes } from '../../app-context.ts';
import { NOT_FOUND } from '../../configuration/apply-change.ts';
import { readRecord } from '../../configuration/read-record.ts';
import { errorResponse } from '../../error-response.ts';
import { jsonAnswer, TENANT_SECURITY, tenantErrors, tenantHeaders, tenantRoute } from '../route-config.ts';

export const getDomainRoute = createRoute({
  method: 'get',
  path: '/v1/domains/{id}',
  operationId: 'getDomain',
  tags: ['Access'],
  summary: 'Get a domain',
  description: 'With the record that proves it, and when that was last there.',
  security: TENANT_SECURITY,
  middleware: tenantRoute('members:read'),
  request: { headers: tenantHeaders, params: z.object({ id: z.uuid() }) },
  responses: {
    200: jsonAnswer('The domain.', domain),
    ...tenantErrors(['not_found']),
  },
});

export const handleGetDomain: RouteHandler<typeof getDomainRoute, AppTypes> = async (context) => {
  const { id } = context.req.valid('param');
  const { tenantId } = context.get('tenant');
  const { db } = context.get('ports');
  const found = await readRecord(context, () => getDomain({ db, tenantId, id }));
  if (!found.ok) return errorResponse(context, found.error);
  return found.value ? context.json(found.value, 200) : errorResponse(context, NOT_FOUND);
};

import { createRoute, type RouteHandler } from '@hono/zod-openapi';
import { pageQuery } from '../../../../shared/contracts/http/page.ts';
import { roleList } from '../../../../shared/contracts/http/roles.ts';
import { listRoles } from '../../../../shared/services/list-roles.ts';
import type { AppTypes } from '../../app-context.ts';
import { readRecord } from '../../configuration/read-record.ts';
import { errorResponse } from '../../error-response.ts';
import { jsonAnswer, TENANT_SECURITY, tenantErrors, tenantHeaders, tenantRoute } from '../route-config.ts';

export const listRolesRoute = createRoute({
  method: 'get',
  path: '/v1/roles',
  operationId: 'listRoles',
  tags: ['Access'],
  summary: 'List roles',
  description: 'Built-in ones and the tenant’s own, with what they permit.',
  security: TENANT_SECURITY,
  middleware: tenantRoute('members:read'),
  request: { headers: tenantHeaders, query: pageQuery },
  responses: {
    200: jsonAnswer('A page.', roleList),
    ...tenantErrors(),
  },
});

export const handleListRoles: RouteHandler<typeof listRolesRoute, AppTypes> = async (context) => {
  const page = context.req.valid('query');
  const { tenantId } = context.get('tenant');
  const { db } = context.get('ports');
  const listed = await readRecord(context, () => listRoles({ db, tenantId, page }));
  return listed.ok ? context.json(listed.value, 200) : errorResponse(context, listed.error);
};

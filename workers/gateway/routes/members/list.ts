import { createRoute, type RouteHandler } from '@hono/zod-openapi';
import { memberList } from '../../../../shared/contracts/http/members.ts';
import { pageQuery } from '../../../../shared/contracts/http/page.ts';
import { listMembers } from '../../../../shared/services/list-members.ts';
import type { AppTypes } from '../../app-context.ts';
import { readRecord } from '../../configuration/read-record.ts';
import { errorResponse } from '../../error-response.ts';
import { jsonAnswer, TENANT_SECURITY, tenantErrors, tenantHeaders, tenantRoute } from '../route-config.ts';

export const listMembersRoute = createRoute({
  method: 'get',
  path: '/v1/members',
  operationId: 'listMembers',
  tags: ['Access'],
  summary: 'List members',
  description: 'With the roles of each.',
  security: TENANT_SECURITY,
  middleware: tenantRoute('members:read'),
  request: { headers: tenantHeaders, query: pageQuery },
  responses: {
    200: jsonAnswer('A page.', memberList),
    ...tenantErrors(),
  },
});

export const handleListMembers: RouteHandler<typeof listMembersRoute, AppTypes> = async (context) => {
  const page = context.req.valid('query');
  const { tenantId } = context.get('tenant');
  const { db } = context.get('ports');
  const listed = await readRecord(context, () => listMembers({ db, tenantId, page }));
  return listed.ok ? context.json(listed.value, 200) : errorResponse(context, listed.error);
};

import { createRoute, type RouteHandler } from '@hono/zod-openapi';
import { environmentList } from '../../../../shared/contracts/http/environments.ts';
import { pageQuery } from '../../../../shared/contracts/http/page.ts';
import { listEnvironments } from '../../../../shared/services/list-environments.ts';
import type { AppTypes } from '../../app-context.ts';
import { readRecord } from '../../configuration/read-record.ts';
import { errorResponse } from '../../error-response.ts';
import { jsonAnswer, TENANT_SECURITY, tenantErrors, tenantHeaders, tenantRoute } from '../route-config.ts';

export const listEnvironmentsRoute = createRoute({
  method: 'get',
  path: '/v1/environments',
  operationId: 'listEnvironments',
  tags: ['Environments'],
  summary: 'List the tenant’s environments',
  description: 'Keys, requests, usage and limits name them by their ids.',
  security: TENANT_SECURITY,
  middleware: tenantRoute('usage:read'),
  request: { headers: tenantHeaders, query: pageQuery },
  responses: {
    200: jsonAnswer('A page of environments.', environmentList),
    ...tenantErrors(),
  },
});

export const handleListEnvironments: RouteHandler<typeof listEnvironmentsRoute, AppTypes> = async (context) => {
  const page = context.req.valid('query');
  const { tenantId } = context.get('tenant');
  const { db } = context.get('ports');
  const listed = await readRecord(context, () => listEnvironments({ db, tenantId, page }));
  return listed.ok ? context.json(listed.value, 200) : errorResponse(context, listed.error);
};

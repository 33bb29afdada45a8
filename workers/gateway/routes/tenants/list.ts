import { createRoute, type RouteHandler } from '@hono/zod-openapi';
import { pageQuery } from '../../../../shared/contracts/http/page.ts';
import { tenantList } from '../../../../shared/contracts/http/tenants.ts';
import { listOwnTenants } from '../../../../shared/services/list-own-tenants.ts';
import type { AppTypes } from '../../app-context.ts';
import { readRecord } from '../../configuration/read-record.ts';
import { errorResponse } from '../../error-response.ts';
import { jsonAnswer, PERSON_SECURITY, personErrors, personRoute } from '../route-config.ts';

export const listTenantsRoute = createRoute({
  method: 'get',
  path: '/v1/tenants',
  operationId: 'listTenants',
  tags: ['Tenants'],
  summary: 'List your tenants',
  description: 'Those of this region that you are a member of.',
  security: PERSON_SECURITY,
  middleware: personRoute(),
  request: { query: pageQuery },
  responses: {
    200: jsonAnswer('A page of tenants.', tenantList),
    ...personErrors(),
  },
});

export const handleListTenants: RouteHandler<typeof listTenantsRoute, AppTypes> = async (context) => {
  const page = context.req.valid('query');
  const { userId } = context.get('person');
  const { db } = context.get('ports');
  const listed = await readRecord(context, () => listOwnTenants({ db, userId, page }));
  return listed.ok ? context.json(listed.value, 200) : errorResponse(context, listed.error);
};

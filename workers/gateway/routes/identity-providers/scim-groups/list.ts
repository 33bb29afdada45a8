import { createRoute, type RouteHandler, z } from '@hono/zod-openapi';
import { pageQuery } from '../../../../../shared/contracts/http/page.ts';
import { provisionedGroupList } from '../../../../../shared/contracts/http/provisioned-groups.ts';
import { getIdentityProvider } from '../../../../../shared/services/list-identity-providers.ts';
import { listProvisionedGroups } from '../../../../../shared/services/scim/list-provisioned-groups.ts';
import type { AppTypes } from '../../../app-context.ts';
import { NOT_FOUND } from '../../../configuration/apply-change.ts';
import { readRecord } from '../../../configuration/read-record.ts';
import { errorResponse } from '../../../error-response.ts';
import { jsonAnswer, TENANT_SECURITY, tenantErrors, tenantHeaders, tenantRoute } from '../../route-config.ts';

export const listProvisionedGroupsRoute = createRoute({
  method: 'get',
  path: '/v1/identity-providers/{id}/scim-groups',
  operationId: 'listProvisionedGroups',
  tags: ['Signing in'],
  summary: 'List the groups that the identity provider has sent',
  description: 'With the role that each gives.',
  security: TENANT_SECURITY,
  middleware: tenantRoute('members:write'),
  request: { headers: tenantHeaders, params: z.object({ id: z.uuid() }), query: pageQuery },
  responses: {
    200: jsonAnswer('A page.', provisionedGroupList),
    ...tenantErrors(['not_found']),
  },
});

export const handleListProvisionedGroups: RouteHandler<typeof listProvisionedGroupsRoute, AppTypes> = async (
  context,
) => {
  const { id: providerId } = context.req.valid('param');
  const page = context.req.valid('query');
  const { tenantId } = context.get('tenant');
  const { db } = context.get('ports');
  const listed = await readRecord(context, async () => {
    const provider = await getIdentityProvider({ db, tenantId, id: providerId });
    return provider && (await listProvisionedGroups({ db, tenantId, providerId, page }));
  });
  if (!listed.ok) return errorResponse(context, listed.error);
  return listed.value ? context.json(listed.value, 200) : errorResponse(context, NOT_FOUND);
};

import { createRoute, type RouteHandler, z } from '@hono/zod-openapi';
import type { Permission } from '../../../../shared/auth/permissions.ts';
import { tenantParams } from '../../../../shared/contracts/http/tenants.ts';
import { exportTenant } from '../../../../shared/services/export-tenant.ts';
import { answer } from '../../answer.ts';
import type { AppTypes } from '../../app-context.ts';
import { errorResponse } from '../../error-response.ts';
import { memberRoute } from '../member-route.ts';
import { PERSON_SECURITY, personErrors } from '../route-config.ts';

export const exportTenantRoute = createRoute({
  method: 'get',
  path: '/v1/tenants/{id}/export',
  operationId: 'exportTenant',
  tags: ['Tenants'],
  summary: 'Export what is a tenant’s',
  description:
    'JSON lines, each with its `kind`: configuration, members, keys, the audit log and usage by day; it needs every permission that the routes need which show them. No line has a secret or a hash of one. The last line is of kind `end` and counts those before it; where it is missing, or of kind `error`, the export is not whole.',
  security: PERSON_SECURITY,
  middleware: memberRoute('tenants:write'),
  request: { params: tenantParams },
  responses: {
    200: {
      description: 'JSON lines.',
      content: { 'application/jsonl': { schema: z.string() } },
    },
    ...personErrors(['not_found']),
  },
});

/** What the routes ask for that show what an export has: nobody reads by it what they may not read there. */
const SHOWN: readonly Permission[] = [
  ...(['audit:read', 'keys:read', 'members:write', 'members:read', 'policies:read'] as const),
  ...(['providers:write', 'providers:read', 'tasks:read', 'usage:read'] as const),
];

export const handleExportTenant: RouteHandler<typeof exportTenantRoute, AppTypes> = async (context) => {
  const { id: tenantId } = context.req.valid('param');
  const { permissions } = context.get('membership');
  const lacking = SHOWN.filter((permission) => !permissions.includes(permission));
  if (lacking.length > 0) {
    const detail = `An export shows what needs ${lacking.join(', ')} in the tenant, which you do not have.`;
    return errorResponse(context, { code: 'permission_denied', detail });
  }
  const { db } = context.get('ports');
  const logger = context.get('logger');
  const lines = exportTenant({ db, tenantId, onFailure: (error) => logger.error('export.broken', { error }) });
  return answer(context, lines, 200, {
    'content-type': 'application/jsonl',
    'cache-control': 'no-store',
    'content-disposition': `attachment; filename="${tenantId}.jsonl"`,
  });
};

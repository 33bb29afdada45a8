import { createRoute, type RouteHandler } from '@hono/zod-openapi';
import { permissionCheck, permissionCheckQuery } from '../../../../shared/contracts/http/permissions.ts';
import type { AppTypes } from '../../app-context.ts';
import { anyPermissionRoute } from '../any-permission-route.ts';
import { jsonAnswer, TENANT_SECURITY, tenantErrors, tenantHeaders } from '../route-config.ts';

export const checkPermissionsRoute = createRoute({
  method: 'get',
  path: '/v1/permissions/check',
  operationId: 'checkPermissions',
  tags: ['Access'],
  summary: 'What this credential may do',
  description: 'For interfaces, which show what works. It is checked again when it is done.',
  security: TENANT_SECURITY,
  middleware: anyPermissionRoute(),
  request: { headers: tenantHeaders, query: permissionCheckQuery },
  responses: {
    200: jsonAnswer('By permission.', permissionCheck),
    ...tenantErrors(),
  },
});

export const handleCheckPermissions: RouteHandler<typeof checkPermissionsRoute, AppTypes> = (context) => {
  const { permission } = context.req.valid('query');
  const { permissions } = context.get('tenant');
  return context.json(Object.fromEntries(permission.map((name) => [name, permissions.has(name)])), 200);
};

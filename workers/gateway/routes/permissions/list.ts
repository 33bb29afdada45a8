import { createRoute, type RouteHandler } from '@hono/zod-openapi';
import { PERMISSION_DESCRIPTIONS, PERMISSIONS } from '../../../../shared/auth/permissions.ts';
import { permissionList } from '../../../../shared/contracts/http/permissions.ts';
import type { AppTypes } from '../../app-context.ts';
import { anyPermissionRoute } from '../any-permission-route.ts';
import { jsonAnswer, TENANT_SECURITY, tenantErrors, tenantHeaders } from '../route-config.ts';

export const listPermissionsRoute = createRoute({
  method: 'get',
  path: '/v1/permissions',
  operationId: 'listPermissions',
  tags: ['Access'],
  summary: 'List all permissions',
  description: 'What roles and keys can permit. Every credential may ask.',
  security: TENANT_SECURITY,
  middleware: anyPermissionRoute(),
  request: { headers: tenantHeaders },
  responses: {
    200: jsonAnswer('All of them.', permissionList),
    ...tenantErrors(),
  },
});

export const handleListPermissions: RouteHandler<typeof listPermissionsRoute, AppTypes> = (context) => {
  const data = PERMISSIONS.map((name) => ({ name, description: PERMISSION_DESCRIPTIONS[name] }));
  return context.json({ data, nextCursor: null }, 200);
};

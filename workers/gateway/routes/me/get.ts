import { createRoute, type RouteHandler } from '@hono/zod-openapi';
import { me } from '../../../../shared/contracts/http/me.ts';
import { listMemberships } from '../../../../shared/services/list-memberships.ts';
import type { AppTypes } from '../../app-context.ts';
import { readRecord } from '../../configuration/read-record.ts';
import { errorResponse } from '../../error-response.ts';
import { jsonAnswer, PERSON_SECURITY, personErrors, personRoute } from '../route-config.ts';

export const getMeRoute = createRoute({
  method: 'get',
  path: '/v1/me',
  operationId: 'getMe',
  tags: ['Signing in'],
  summary: 'Who you are',
  description: 'With the tenants that you belong to, and what you may do in each. Needs no X-Tenant-Id.',
  security: PERSON_SECURITY,
  middleware: personRoute(),
  responses: {
    200: jsonAnswer('You.', me),
    ...personErrors(),
  },
});

export const handleGetMe: RouteHandler<typeof getMeRoute, AppTypes> = async (context) => {
  const { userId, email, emailVerified, name, session, tenantId } = context.get('person');
  const { db } = context.get('ports');
  const listed = await readRecord(context, () => listMemberships({ db, userId, onlyTenantId: tenantId }));
  if (!listed.ok) return errorResponse(context, listed.error);
  const view = session && {
    id: session.id,
    createdAt: new Date(session.createdAt).toISOString(),
    expiresAt: new Date(session.expiresAt).toISOString(),
  };
  return context.json({ id: userId, email, emailVerified, name, session: view, tenants: listed.value }, 200);
};

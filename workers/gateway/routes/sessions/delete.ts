import { createRoute, type RouteHandler, z } from '@hono/zod-openapi';
import { endSessions } from '../../../../shared/services/end-sessions.ts';
import type { AppTypes } from '../../app-context.ts';
import { readRecord } from '../../configuration/read-record.ts';
import { errorResponse } from '../../error-response.ts';
import { sessionChange } from '../../identity/session-change.ts';
import { PERSON_SECURITY, personErrors, personRoute } from '../route-config.ts';

export const deleteSessionRoute = createRoute({
  method: 'delete',
  path: '/v1/sessions/{id}',
  operationId: 'deleteSession',
  tags: ['Signing in'],
  summary: 'End one of your sessions',
  description: 'That browser is signed out with its next request.',
  security: PERSON_SECURITY,
  middleware: personRoute(),
  request: { params: z.object({ id: z.uuid() }) },
  responses: {
    204: { description: 'It has ended.' },
    ...personErrors(['not_found']),
  },
});

export const handleDeleteSession: RouteHandler<typeof deleteSessionRoute, AppTypes> = async (context) => {
  const { id } = context.req.valid('param');
  const { userId } = context.get('person');
  const ended = await readRecord(context, () => endSessions(sessionChange(context), userId, { id }, 'revoked'));
  if (!ended.ok) return errorResponse(context, ended.error);
  if (ended.value === 0) return errorResponse(context, { code: 'not_found', detail: 'You have no such session.' });
  return context.body(null, 204);
};

import { createRoute, type RouteHandler } from '@hono/zod-openapi';
import { endedSessions } from '../../../../shared/contracts/http/sessions.ts';
import { endSessions } from '../../../../shared/services/end-sessions.ts';
import type { AppTypes } from '../../app-context.ts';
import { readRecord } from '../../configuration/read-record.ts';
import { errorResponse } from '../../error-response.ts';
import { sessionChange } from '../../identity/session-change.ts';
import { jsonAnswer, PERSON_SECURITY, personErrors, personRoute } from '../route-config.ts';

export const deleteOtherSessionsRoute = createRoute({
  method: 'delete',
  path: '/v1/sessions',
  operationId: 'deleteOtherSessions',
  tags: ['Signing in'],
  summary: 'End all of your other sessions',
  description: 'All but the one that asks; asked with an access token, all.',
  security: PERSON_SECURITY,
  middleware: personRoute(),
  responses: {
    200: jsonAnswer('How many have ended.', endedSessions),
    ...personErrors(),
  },
});

export const handleDeleteOtherSessions: RouteHandler<typeof deleteOtherSessionsRoute, AppTypes> = async (context) => {
  const { userId, sessionId } = context.get('person');
  const ended = await readRecord(context, () =>
    endSessions(sessionChange(context), userId, { allBut: sessionId }, 'revoked'),
  );
  return ended.ok ? context.json({ ended: ended.value }, 200) : errorResponse(context, ended.error);
};

import { createRoute, type RouteHandler } from '@hono/zod-openapi';
import { pageQuery } from '../../../../shared/contracts/http/page.ts';
import { sessionList } from '../../../../shared/contracts/http/sessions.ts';
import { listSessions } from '../../../../shared/services/list-sessions.ts';
import type { AppTypes } from '../../app-context.ts';
import { readRecord } from '../../configuration/read-record.ts';
import { errorResponse } from '../../error-response.ts';
import { jsonAnswer, PERSON_SECURITY, personErrors, personRoute } from '../route-config.ts';

export const listSessionsRoute = createRoute({
  method: 'get',
  path: '/v1/sessions',
  operationId: 'listSessions',
  tags: ['Signing in'],
  summary: 'List your sessions',
  description: 'The browsers that you are signed in with.',
  security: PERSON_SECURITY,
  middleware: personRoute(),
  request: { query: pageQuery },
  responses: {
    200: jsonAnswer('A page of sessions.', sessionList),
    ...personErrors(),
  },
});

export const handleListSessions: RouteHandler<typeof listSessionsRoute, AppTypes> = async (context) => {
  const page = context.req.valid('query');
  const { userId, sessionId } = context.get('person');
  const { db, now } = context.get('ports');
  const listed = await readRecord(context, () => listSessions({ db, userId, currentId: sessionId, page, now: now() }));
  return listed.ok ? context.json(listed.value, 200) : errorResponse(context, listed.error);
};

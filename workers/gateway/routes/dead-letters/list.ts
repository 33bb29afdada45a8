import { createRoute, type RouteHandler, z } from '@hono/zod-openapi';
import { deadLetterList, deadLettersQuery } from '../../../../shared/contracts/http/dead-letters.ts';
import { listTenantDeadLetters } from '../../../../shared/services/list-tenant-dead-letters.ts';
import type { AppTypes } from '../../app-context.ts';
import { readRecord } from '../../configuration/read-record.ts';
import { errorResponse } from '../../error-response.ts';
import { readCursor, writeCursor } from '../../list-cursor.ts';
import { jsonAnswer, TENANT_SECURITY, tenantErrors, tenantHeaders, tenantRoute } from '../route-config.ts';

const place = z.tuple([z.iso.datetime(), z.uuid()]);

export const listDeadLettersRoute = createRoute({
  method: 'get',
  path: '/v1/dead-letters',
  operationId: 'listDeadLetters',
  tags: ['Tasks'],
  summary: 'List what was given up',
  description:
    'Tasks whose attempts are used up, tellings of tasks’ ends that nobody took, and events that could not be recorded. None is ever deleted.',
  security: TENANT_SECURITY,
  middleware: tenantRoute('tasks:read'),
  request: { headers: tenantHeaders, query: deadLettersQuery },
  responses: {
    200: jsonAnswer('A page of dead letters, newest first.', deadLetterList),
    ...tenantErrors(),
  },
});

export const handleListDeadLetters: RouteHandler<typeof listDeadLettersRoute, AppTypes> = async (context) => {
  const { limit, cursor, ...filters } = context.req.valid('query');
  const { tenantId } = context.get('tenant');
  const { db } = context.get('ports');
  const after = cursor === undefined ? null : readCursor(cursor, place);
  if (cursor !== undefined && after === null) {
    const detail = 'It is not a cursor of this list.';
    return errorResponse(context, { code: 'bad_request', detail, errors: [{ pointer: '/cursor', detail }] });
  }
  const listed = await readRecord(context, () => listTenantDeadLetters({ db, tenantId, filters, after, limit }));
  if (!listed.ok) return errorResponse(context, listed.error);
  const { data, next } = listed.value;
  return context.json({ data, nextCursor: next && writeCursor(next) }, 200);
};

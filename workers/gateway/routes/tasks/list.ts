import { createRoute, type RouteHandler, z } from '@hono/zod-openapi';
import { taskList, tasksQuery } from '../../../../shared/contracts/http/tasks.ts';
import { listTasks } from '../../../../shared/services/list-tasks.ts';
import type { AppTypes } from '../../app-context.ts';
import { readRecord } from '../../configuration/read-record.ts';
import { errorResponse } from '../../error-response.ts';
import { readCursor, writeCursor } from '../../list-cursor.ts';
import { jsonAnswer, TENANT_SECURITY, tenantErrors, tenantHeaders, tenantRoute } from '../route-config.ts';

const place = z.tuple([z.iso.datetime(), z.uuid()]);

export const listTasksRoute = createRoute({
  method: 'get',
  path: '/v1/tasks',
  operationId: 'listTasks',
  tags: ['Tasks'],
  summary: 'List tasks',
  description:
    'From the record, which is seconds behind what runs them. For a task as it is now: `GET /v1/tasks/{id}`.',
  security: TENANT_SECURITY,
  middleware: tenantRoute('tasks:read'),
  request: { headers: tenantHeaders, query: tasksQuery },
  responses: {
    200: jsonAnswer('A page of tasks, newest first.', taskList),
    ...tenantErrors(),
  },
});

export const handleListTasks: RouteHandler<typeof listTasksRoute, AppTypes> = async (context) => {
  const { limit, cursor, ...filters } = context.req.valid('query');
  const { tenantId } = context.get('tenant');
  const { db } = context.get('ports');
  const after = cursor === undefined ? null : readCursor(cursor, place);
  if (cursor !== undefined && after === null) {
    const detail = 'It is not a cursor of this list.';
    return errorResponse(context, { code: 'bad_request', detail, errors: [{ pointer: '/cursor', detail }] });
  }
  const listed = await readRecord(context, () => listTasks({ db, tenantId, filters, after, limit }));
  if (!listed.ok) return errorResponse(context, listed.error);
  const { data, next } = listed.value;
  return context.json({ data, nextCursor: next && writeCursor(next) }, 200);
};

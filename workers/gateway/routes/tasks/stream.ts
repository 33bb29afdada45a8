import { createRoute, type RouteHandler, z } from '@hono/zod-openapi';
import { taskCursor, taskStreamEvent } from '../../../../shared/contracts/http/task-stream.ts';
import type { TaskStreamPlace } from '../../../../shared/contracts/tasks.ts';
import type { AppTypes } from '../../app-context.ts';
import { errorResponse } from '../../error-response.ts';
import { eventStreamResponse } from '../../event-stream-response.ts';
import { followTask } from '../../tasks/follow-task.ts';
import { answerHeaders, TENANT_SECURITY, tenantErrors, tenantHeaders, tenantRoute } from '../route-config.ts';
import { taskParams } from './create.ts';

const cursor = taskCursor.optional();

export const streamTaskRoute = createRoute({
  method: 'get',
  path: '/v1/tasks/{id}/stream',
  operationId: 'streamTask',
  tags: ['Tasks'],
  summary: 'Follow a task',
  description:
    'Its attempts, its output and its end, as Server-Sent Events: what was told so far, then what comes, also when all of it is over. From thirty days after its end on it has the end alone, from the record.',
  security: TENANT_SECURITY,
  middleware: tenantRoute('tasks:read'),
  request: {
    headers: tenantHeaders.extend({
      'Last-Event-ID': cursor.openapi({
        description:
          'The last event that the client has: what comes behind it is told. Browsers send it by themselves.',
      }),
    }),
    params: taskParams,
    query: z.strictObject({
      cursor: cursor.openapi({
        description: 'The same, for clients that cannot send the header, which goes first where there are both.',
      }),
    }),
  },
  responses: {
    200: {
      description: 'The events.',
      headers: answerHeaders,
      content: { 'text/event-stream': { schema: taskStreamEvent } },
    },
    204: { description: 'The task has ended and there is nothing behind that event: do not connect again.' },
    ...tenantErrors(['not_found']),
  },
});

export const handleStreamTask: RouteHandler<typeof streamTaskRoute, AppTypes> = async (context) => {
  const { id } = context.req.valid('param');
  const after = context.req.header('last-event-id') ?? context.req.valid('query').cursor;
  const followed = await followTask(context, id, after === undefined ? null : placeOf(after));
  if (!followed.ok) return errorResponse(context, followed.error);
  return followed.value ? eventStreamResponse(context, followed.value) : context.body(null, 204);
};

function placeOf(eventId: string): TaskStreamPlace {
  const [attempt = 0, position = 0] = eventId.split('-').map(Number);
  return { attempt, position };
}

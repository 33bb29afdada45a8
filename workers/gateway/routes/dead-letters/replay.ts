import { createRoute, type RouteHandler } from '@hono/zod-openapi';
import { deadLetter } from '../../../../shared/contracts/http/dead-letters.ts';
import { changeDeadLetter } from '../../../../shared/services/change-dead-letter.ts';
import type { AppTypes } from '../../app-context.ts';
import { changeRecord } from '../../configuration/apply-change.ts';
import { errorResponse } from '../../error-response.ts';
import { jsonAnswer, TENANT_SECURITY, tenantErrors, tenantHeaders, tenantRoute } from '../route-config.ts';
import { deadLetterParams } from './get.ts';

export const replayDeadLetterRoute = createRoute({
  method: 'post',
  path: '/v1/dead-letters/{id}/replay',
  operationId: 'replayDeadLetter',
  tags: ['Tasks'],
  summary: 'Have it done again',
  description:
    'Within a minute a task gets as many attempts again, a callback is delivered anew, and an event recorded. One that is replayed already stays so; one that was dropped is not replayed.',
  security: TENANT_SECURITY,
  middleware: tenantRoute('tasks:write'),
  request: { headers: tenantHeaders, params: deadLetterParams },
  responses: {
    202: jsonAnswer('The dead letter; it is being replayed.', deadLetter),
    ...tenantErrors(['not_found', 'conflict']),
  },
});

export const handleReplayDeadLetter: RouteHandler<typeof replayDeadLetterRoute, AppTypes> = async (context) => {
  const { id } = context.req.valid('param');
  const changed = await changeRecord(context, (by) => changeDeadLetter(by, id, 'replay'));
  return changed.ok ? context.json(changed.value, 202) : errorResponse(context, changed.error);
};

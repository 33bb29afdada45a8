import { createRoute, type RouteHandler } from '@hono/zod-openapi';
import { deadLetter } from '../../../../shared/contracts/http/dead-letters.ts';
import { changeDeadLetter } from '../../../../shared/services/change-dead-letter.ts';
import type { AppTypes } from '../../app-context.ts';
import { changeRecord } from '../../configuration/apply-change.ts';
import { errorResponse } from '../../error-response.ts';
import { jsonAnswer, TENANT_SECURITY, tenantErrors, tenantHeaders, tenantRoute } from '../route-config.ts';
import { deadLetterParams } from './get.ts';

export const dropDeadLetterRoute = createRoute({
  method: 'post',
  path: '/v1/dead-letters/{id}/drop',
  operationId: 'dropDeadLetter',
  tags: ['Tasks'],
  summary: 'Leave it',
  description: 'It is not to be done again. Nothing is deleted: it stays in the list, as `dropped`.',
  security: TENANT_SECURITY,
  middleware: tenantRoute('tasks:write'),
  request: { headers: tenantHeaders, params: deadLetterParams },
  responses: {
    200: jsonAnswer('The dead letter as it is now.', deadLetter),
    ...tenantErrors(['not_found', 'conflict']),
  },
});

export const handleDropDeadLetter: RouteHandler<typeof dropDeadLetterRoute, AppTypes> = async (context) => {
  const { id } = context.req.valid('param');
  const changed = await changeRecord(context, (by) => changeDeadLetter(by, id, 'drop'));
  return changed.ok ? context.json(changed.value, 200) : errorResponse(context, changed.error);
};

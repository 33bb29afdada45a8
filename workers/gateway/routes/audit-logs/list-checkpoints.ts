import { createRoute, type RouteHandler } from '@hono/zod-openapi';
import { auditCheckpointList, checkpointQuery } from '../../../../shared/contracts/http/audit-logs.ts';
import { listAuditCheckpoints } from '../../../../shared/services/list-audit-checkpoints.ts';
import type { AppTypes } from '../../app-context.ts';
import { readRecord } from '../../configuration/read-record.ts';
import { errorResponse } from '../../error-response.ts';
import { jsonAnswer, TENANT_SECURITY, tenantErrors, tenantHeaders, tenantRoute } from '../route-config.ts';

export const listAuditCheckpointsRoute = createRoute({
  method: 'get',
  path: '/v1/audit-logs/checkpoints',
  operationId: 'listAuditCheckpoints',
  tags: ['Access'],
  summary: 'Signed checkpoints of the audit log',
  description:
    'Each says, signed, what the first so many entries of the log hash to. Fetch them regularly and keep them elsewhere: with one of them a log that was rewritten is found out, even if it was signed again.',
  security: TENANT_SECURITY,
  middleware: tenantRoute('audit:read'),
  request: { headers: tenantHeaders, query: checkpointQuery },
  responses: {
    200: jsonAnswer('A page of checkpoints.', auditCheckpointList),
    ...tenantErrors(),
  },
});

export const handleListAuditCheckpoints: RouteHandler<typeof listAuditCheckpointsRoute, AppTypes> = async (context) => {
  const query = context.req.valid('query');
  const { tenantId } = context.get('tenant');
  const { db } = context.get('ports');
  const listed = await readRecord(context, () => listAuditCheckpoints({ db, tenantId, query }));
  return listed.ok ? context.json(listed.value, 200) : errorResponse(context, listed.error);
};

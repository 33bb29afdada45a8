import { createRoute, type RouteHandler, z } from '@hono/zod-openapi';
import { exportAuditLog } from '../../../../shared/services/export-audit-log.ts';
import { answer } from '../../answer.ts';
import type { AppTypes } from '../../app-context.ts';
import { auditReader } from '../../audit/audit-reader.ts';
import { linesOf } from '../../audit/lines-of.ts';
import { TENANT_SECURITY, tenantErrors, tenantHeaders, tenantRoute } from '../route-config.ts';

export const exportAuditLogRoute = createRoute({
  method: 'get',
  path: '/v1/audit-logs/export',
  operationId: 'exportAuditLog',
  tags: ['Access'],
  summary: 'Export the audit log to verify it',
  description:
    'JSON lines: the log, then its entries in their order, each signed checkpoint behind the last entry that it covers. Save it as a file and verify it offline with `eufm-audit verify`. What no checkpoint covers yet is not in it. An export that broke off ends with a line of kind `error`, or without a checkpoint.',
  security: TENANT_SECURITY,
  middleware: tenantRoute('audit:read'),
  request: { headers: tenantHeaders },
  responses: {
    200: { description: 'JSON lines.', content: { 'application/jsonl': { schema: z.string() } } },
    ...tenantErrors(),
  },
});

export const handleExportAuditLog: RouteHandler<typeof exportAuditLogRoute, AppTypes> = async (context) => {
  const reader = auditReader(context);
  const logger = context.get('logger');
  const lines = linesOf(exportAuditLog(reader), (error) => logger.error('audit_export.broken', { error }));
  return answer(context, lines, 200, {
    'content-type': 'application/jsonl',
    'cache-control': 'no-store',
    'content-disposition': `attachment; filename="audit-${reader.tenantId}.jsonl"`,
  });
};

import { createRoute, type RouteHandler } from '@hono/zod-openapi';
import { auditKeyList } from '../../../../shared/contracts/http/audit-logs.ts';
import { listAuditKeys } from '../../../../shared/services/audit-keys.ts';
import type { AppTypes } from '../../app-context.ts';
import { auditStatements } from '../../audit/audit-reader.ts';
import { readRecord } from '../../configuration/read-record.ts';
import { errorResponse } from '../../error-response.ts';
import { problemResponses } from '../route-config.ts';

export const getAuditKeysRoute = createRoute({
  method: 'get',
  path: '/.well-known/eufm-audit-keys',
  operationId: 'getAuditKeys',
  tags: ['Platform'],
  summary: 'Public keys of audit checkpoints',
  description: 'Keep a copy: who verifies a log by a key that they fetch for it trusts whoever answers.',
  security: [],
  responses: {
    200: { description: 'The keys of this region.', content: { 'application/json': { schema: auditKeyList } } },
    ...problemResponses(['unavailable', 'internal_error']),
  },
});

export const handleGetAuditKeys: RouteHandler<typeof getAuditKeysRoute, AppTypes> = async (context) => {
  const listed = await readRecord(context, () => listAuditKeys(auditStatements(context)));
  if (!listed.ok) return errorResponse(context, listed.error);
  return context.json({ keys: listed.value.map((key) => ({ algorithm: 'ed25519' as const, ...key })) }, 200);
};

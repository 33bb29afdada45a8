import { createRoute, type RouteHandler } from '@hono/zod-openapi';
import { auditParams, auditProof } from '../../../../shared/contracts/http/audit-logs.ts';
import type { DomainError } from '../../../../shared/errors/domain-error.ts';
import { type ProofRefusal, proveAuditEntry } from '../../../../shared/services/prove-audit-entry.ts';
import type { AppTypes } from '../../app-context.ts';
import { auditReader } from '../../audit/audit-reader.ts';
import { NOT_FOUND } from '../../configuration/apply-change.ts';
import { readRecord } from '../../configuration/read-record.ts';
import { errorResponse } from '../../error-response.ts';
import { jsonAnswer, TENANT_SECURITY, tenantErrors, tenantHeaders, tenantRoute } from '../route-config.ts';

export const getAuditProofRoute = createRoute({
  method: 'get',
  path: '/v1/audit-logs/{id}/proof',
  operationId: 'getAuditProof',
  tags: ['Access'],
  summary: 'Proof that a signed checkpoint covers an entry',
  description:
    'All that it takes to verify offline, with the public key alone, that the entry is in the log and unchanged. A conflict while no checkpoint covers the entry: one does within ten minutes.',
  security: TENANT_SECURITY,
  middleware: tenantRoute('audit:read'),
  request: { headers: tenantHeaders, params: auditParams },
  responses: {
    200: jsonAnswer('The entry with its proof.', auditProof),
    ...tenantErrors(['not_found', 'conflict']),
  },
});

const REFUSALS: Readonly<Record<ProofRefusal, DomainError>> = {
  not_found: NOT_FOUND,
  uncovered: { code: 'conflict', detail: 'No signed checkpoint covers the entry yet; one does within ten minutes.' },
};

export const handleGetAuditProof: RouteHandler<typeof getAuditProofRoute, AppTypes> = async (context) => {
  const { id } = context.req.valid('param');
  const read = await readRecord(context, () => proveAuditEntry(auditReader(context), id));
  if (!read.ok) return errorResponse(context, read.error);
  const proved = read.value;
  if (!proved.ok) return errorResponse(context, REFUSALS[proved.error]);
  return context.json({ ...proved.value, proof: [...proved.value.proof] }, 200);
};

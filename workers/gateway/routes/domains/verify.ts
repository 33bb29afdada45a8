import { createRoute, type RouteHandler, z } from '@hono/zod-openapi';
import { domain } from '../../../../shared/contracts/http/domains.ts';
import type { DomainError } from '../../../../shared/errors/domain-error.ts';
import { type VerifyRefusal, verifyDomain } from '../../../../shared/services/verify-domain.ts';
import type { AppContext, AppTypes } from '../../app-context.ts';
import { changeContext, NOT_FOUND } from '../../configuration/apply-change.ts';
import { readRecord } from '../../configuration/read-record.ts';
import { UNAVAILABLE_RETRY_MS } from '../../constants.ts';
import { errorResponse } from '../../error-response.ts';
import { jsonAnswer, TENANT_SECURITY, tenantErrors, tenantHeaders, tenantRoute } from '../route-config.ts';

export const verifyDomainRoute = createRoute({
  method: 'post',
  path: '/v1/domains/{id}/verify',
  operationId: 'verifyDomain',
  tags: ['Access'],
  summary: 'Prove a domain',
  description:
    'Looks its TXT record up. From then on who signs in at the platform’s identity provider with a verified address of the domain joins the tenant.',
  security: TENANT_SECURITY,
  middleware: tenantRoute('members:write'),
  request: { headers: tenantHeaders, params: z.object({ id: z.uuid() }) },
  responses: {
    200: jsonAnswer('The domain, verified.', domain),
    ...tenantErrors(['not_found', 'domain_unproven', 'conflict']),
  },
});

export const handleVerifyDomain: RouteHandler<typeof verifyDomainRoute, AppTypes> = async (context) => {
  const { id } = context.req.valid('param');
  const { lookUpTxt } = context.get('ports');
  const verified = await readRecord(context, () => verifyDomain(changeContext(context), id, lookUpTxt));
  if (!verified.ok) return errorResponse(context, verified.error);
  if (verified.value.ok) return context.json(verified.value.value, 200);
  return errorResponse(context, toDomainError(context, verified.value.error));
};

function toDomainError(context: AppContext, refusal: VerifyRefusal): DomainError {
  switch (refusal.reason) {
    case 'not_found':
      return NOT_FOUND;
    case 'unproven': {
      const { record, found } = refusal;
      const others =
        found === 0 ? 'DNS has no TXT record there' : `DNS has ${found} TXT record(s) there, none of them this`;
      const detail = `A TXT record at ${record.name} must say ${record.value}. ${others}. A new record may take minutes, or as long as DNS remembers that it had none.`;
      return { code: 'domain_unproven', detail };
    }
    case 'unknown': {
      context.get('logger').error('dns.unavailable', { cause: refusal.cause });
      const detail = 'DNS cannot be asked right now.';
      return { code: 'unavailable', detail, retryAfterMs: UNAVAILABLE_RETRY_MS };
    }
    case 'held': {
      const detail =
        'Another tenant holds this domain, and its record is in the domain’s DNS beside yours. Take that one out, then verify again.';
      return { code: 'conflict', detail };
    }
  }
}

import { createRoute, type RouteHandler, z } from '@hono/zod-openapi';
import { providerAccount, providerAccountRotation } from '../../../../shared/contracts/http/providers.ts';
import { getProviderAccount } from '../../../../shared/services/list-provider-accounts.ts';
import { rotateProviderCredentials } from '../../../../shared/services/rotate-provider-credentials.ts';
import type { AppTypes } from '../../app-context.ts';
import { applyChange, NOT_FOUND } from '../../configuration/apply-change.ts';
import { readRecord } from '../../configuration/read-record.ts';
import { placeBehind, refuseRegion } from '../../configuration/refuse-region.ts';
import { refuseBaseUrl } from '../../configuration/refuse-url.ts';
import { credentialSealer } from '../../configuration/sealers.ts';
import { errorResponse } from '../../error-response.ts';
import { jsonAnswer, TENANT_SECURITY, tenantBodyErrors, tenantBodyRoute, tenantHeaders } from '../route-config.ts';

export const rotateProviderCredentialsRoute = createRoute({
  method: 'post',
  path: '/v1/providers/{id}/rotate',
  operationId: 'rotateProviderCredentials',
  tags: ['Providers'],
  summary: 'Replace the credentials of a provider account',
  description:
    'Within five seconds no request is sent with the old ones. Where credentials are sent changes together with them only.',
  security: TENANT_SECURITY,
  middleware: tenantBodyRoute('providers:write'),
  request: {
    headers: tenantHeaders,
    params: z.object({ id: z.uuid() }),
    body: { required: true, content: { 'application/json': { schema: providerAccountRotation } } },
  },
  responses: {
    200: jsonAnswer('The account as it is now.', providerAccount),
    ...tenantBodyErrors(['not_found', 'conflict']),
  },
});

export const handleRotateProviderCredentials: RouteHandler<typeof rotateProviderCredentialsRoute, AppTypes> = async (
  context,
) => {
  const { id } = context.req.valid('param');
  const input = context.req.valid('json');
  const { tenantId } = context.get('tenant');
  const { db } = context.get('ports');
  const found = await readRecord(context, () => getProviderAccount({ db, tenantId, id }));
  if (!found.ok) return errorResponse(context, found.error);
  if (!found.value) return errorResponse(context, NOT_FOUND);
  const refusal = refuseBaseUrl(context, input.baseUrl ?? null) ?? refuseRegion(placeBehind(found.value, input));
  if (refusal) return errorResponse(context, refusal);
  const seal = credentialSealer(context);
  const rotated = await applyChange(context, (by) => rotateProviderCredentials(by, seal, id, input));
  return rotated.ok ? context.json(rotated.value, 200) : errorResponse(context, rotated.error);
};

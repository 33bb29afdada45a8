import { createRoute, type RouteHandler } from '@hono/zod-openapi';
import { recordCachePurge } from '../../../../shared/services/record-cache-purge.ts';
import type { AppTypes } from '../../app-context.ts';
import { changeContext } from '../../configuration/apply-change.ts';
import { readRecord } from '../../configuration/read-record.ts';
import { UNAVAILABLE_RETRY_MS } from '../../constants.ts';
import { errorResponse } from '../../error-response.ts';
import { TENANT_SECURITY, tenantErrors, tenantHeaders, tenantRoute } from '../route-config.ts';

export const purgeCacheRoute = createRoute({
  method: 'delete',
  path: '/v1/cache',
  operationId: 'purgeCache',
  tags: ['Routing'],
  summary: 'Remove all stored answers',
  description:
    'Of every environment. Requests after it are answered by providers; one that runs right now may still store its answer.',
  security: TENANT_SECURITY,
  middleware: tenantRoute('policies:write'),
  request: { headers: tenantHeaders },
  responses: {
    204: { description: 'They are gone.' },
    ...tenantErrors(),
  },
});

export const handlePurgeCache: RouteHandler<typeof purgeCacheRoute, AppTypes> = async (context) => {
  const { ports, tenant, logger } = context.var;
  const recorded = await readRecord(context, () => recordCachePurge(changeContext(context)));
  if (!recorded.ok) return errorResponse(context, recorded.error);
  try {
    await Promise.all(ports.responseCaches(tenant.tenantId).map((cache) => cache.purge()));
  } catch (error) {
    logger.error('cache.not_purged', { error });
    const detail = 'Not all stored answers could be removed. Try again.';
    return errorResponse(context, { code: 'unavailable', detail, retryAfterMs: UNAVAILABLE_RETRY_MS });
  }
  return context.body(null, 204);
};

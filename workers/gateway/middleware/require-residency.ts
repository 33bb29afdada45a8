import { createMiddleware } from 'hono/factory';
import { canConform } from '../../../shared/domain/routing/residency.ts';
import type { AppTypes } from '../app-context.ts';
import { SNAPSHOT_RECHECK_MS } from '../constants.ts';
import { errorResponse } from '../error-response.ts';
import { noAccountConforms, residencyUnknown } from '../pipeline/refuse-residency.ts';

/**
 * Refuses a request of a tenant none of whose accounts is where an enforced residency policy lets content go: before the body
 * is read, so that nothing of it is. Comes after `authenticate`. Fails closed where the policies cannot be read.
 */
export const requireResidency = createMiddleware<AppTypes>(async (context, next) => {
  const { tenantId, snapshot } = context.get('tenant');
  if (canConform(snapshot)) return await next();
  try {
    const newest = (await context.get('ports').tenants.find(tenantId, SNAPSHOT_RECHECK_MS)) ?? snapshot;
    if (canConform(newest)) return await next();
    return errorResponse(context, noAccountConforms(newest));
  } catch (error) {
    context.get('logger').error('residency.unavailable', { error });
    return errorResponse(context, residencyUnknown());
  }
});

import type { OrchestrateRequest } from '../../shared/contracts/http/orchestrate.ts';
import type { AppContext } from './app-context.ts';
import { nameRequest } from './name-request.ts';
import type { PipelineInput, SpokenRequest } from './pipeline/pipeline-input.ts';
import { readCacheWish } from './read-cache-wish.ts';
import { readPriority } from './read-priority.ts';
import { servedAt } from './served-at.ts';

/** A request for the pipeline, with what the middleware has established of it. */
export function toPipelineInput(
  context: AppContext,
  request: OrchestrateRequest,
  spoken?: SpokenRequest,
): PipelineInput {
  const ports = context.get('ports');
  const tenant = context.get('tenant');
  const session = ports.sessions.of(tenant.tenantId);
  const { requestId, index: requestIndex } = session.nextRequest();
  nameRequest(context, requestId);
  return {
    request,
    ...(spoken && { spoken }),
    tenant,
    session,
    requestId,
    requestIndex,
    priority: readPriority(context),
    pulse: { seenAt: context.get('startedAt') },
    cacheWish: readCacheWish(context),
    startedAt: context.get('startedAt'),
    servedAt: servedAt(context),
    callStartedAt: context.get('startedAt'),
    failedCalls: [],
    cacheUse: null,
    trace: context.get('trace'),
    logger: context.get('logger'),
    logFields: context.get('logFields'),
    ports,
    clientSignal: () => context.req.raw.signal, // made when it is asked for, which answers that come at once never do
    rename: (name) => {
      nameRequest(context, name);
      return context.get('logger');
    },
    tellRates: (fields) => context.set('rateFields', fields),
    tellCache: (use) => context.set('cacheUse', use),
    waitUntil: (work) => context.executionCtx.waitUntil(work),
  };
}

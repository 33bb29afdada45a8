import type { OrchestrateRequest } from '../../shared/contracts/http/orchestrate.ts';
import type { AppContext } from './app-context.ts';
import type { PipelineInput, SpokenRequest } from './pipeline/pipeline-input.ts';

/** A request for the pipeline, with what the middleware has established of it. */
export function toPipelineInput(
  context: AppContext,
  request: OrchestrateRequest,
  spoken?: SpokenRequest,
): PipelineInput {
  return {
    request,
    ...(spoken && { spoken }),
    tenant: context.get('tenant'),
    requestId: context.get('requestId'),
    startedAt: context.get('startedAt'),
    trace: context.get('trace'),
    logger: context.get('logger'),
    logFields: context.get('logFields'),
    ports: context.get('ports'),
    clientSignal: context.req.raw.signal,
    waitUntil: (work) => context.executionCtx.waitUntil(work),
  };
}

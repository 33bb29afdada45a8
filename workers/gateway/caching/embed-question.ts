import type { CachePolicy } from '../../../shared/contracts/routing-policy.ts';
import { toMeaning } from '../../../shared/domain/caching/most-alike.ts';
import { admitRequest } from '../pipeline/admit-request.ts';
import type { PipelineInput } from '../pipeline/pipeline-input.ts';
import { runAdmitted } from '../pipeline/run-admitted.ts';

/**
 * What a question means, by an embedding that is a request of its own: it has its own hold, its own record and its own
 * cost, and the key's rights and the tenant's limits hold for it. Null where it was refused or has failed.
 */
export async function embedQuestion(
  input: PipelineInput,
  question: string,
  { provider, model }: Pick<NonNullable<CachePolicy['semantic']>, 'provider' | 'model'>,
): Promise<Uint8Array | null> {
  const { session, ports } = input;
  const { requestId, index: requestIndex } = session.nextRequest();
  const { spoken: _, ...common } = input;
  const asked: PipelineInput = {
    ...common,
    request: {
      input: { texts: [question] },
      taskType: 'embedding',
      stream: false,
      providerPreferences: [{ provider, model, weight: 1 }],
      async: false,
      metadata: input.request.metadata,
    },
    cacheWish: { kind: 'off' },
    cacheUse: null,
    requestId,
    requestIndex,
    startedAt: ports.now(),
    callStartedAt: ports.now(),
    failedCalls: [],
    logFields: {},
    rename: () => input.logger,
    tellRates: () => {},
    tellCache: () => {},
  };
  const plan = await admitRequest(asked);
  const answered = plan.ok ? await runAdmitted(asked, plan.value) : plan;
  if (!answered.ok) {
    input.logger.warn('cache.not_embedded', { code: answered.error.code });
    return null;
  }
  const { output } = answered.value.response;
  const [vector] = output && 'embeddings' in output ? output.embeddings : [];
  return vector ? toMeaning(vector) : null;
}

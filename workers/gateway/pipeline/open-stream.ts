import type { EventGroup, NativeStream, StreamResult } from '../../../shared/providers/contract.ts';
import { STREAM_IDLE_MS } from '../constants.ts';
import type { AdmittedPlan } from './admit-request.ts';
import { type Called, callHedged, DROPPED, type FailedCall } from './call-hedged.ts';
import { callProvider } from './call-provider.ts';
import { CandidateLimit } from './candidate-limit.ts';
import { toFailure } from './failure.ts';
import { nextPlan } from './next-plan.ts';
import type { PipelineInput } from './pipeline-input.ts';
import type { Ending } from './settlement.ts';
import type { StreamRun } from './stream-run.ts';
import { streamTask } from './task.ts';
import { untilContent } from './until-content.ts';

/**
 * What the vendor has begun to send: parts for the encoder, or its own events in the client's format, as bytes to pipe, or
 * read already.
 */
export type Opened =
  | { readonly kind: 'translated'; readonly result: StreamResult }
  | { readonly kind: 'native'; readonly stream: NativeStream }
  | { readonly kind: 'events'; readonly groups: AsyncIterable<EventGroup> };

/** Begins with the first candidate that gets as far as it must; when none did, the failure of the last, to be settled. */
export async function openInTurn(
  run: StreamRun,
): Promise<{ readonly opened: Opened } | { readonly failure: FailedCall }> {
  const { input, signal } = run;
  for (;;) {
    const { plan, called } = await callHedged(input, run.plan, signal, { call: openCandidate, drop: dropOpened });
    run.plan = plan;
    if ('value' in called) {
      const { opened, limit, firstWordMs } = called.value;
      run.limit = limit;
      run.firstWordMs = firstWordMs;
      return { opened };
    }
    const { failure } = called;
    const next = await nextPlan(input, plan, failure, signal);
    if (!next) return { failure };
    run.plan = next;
  }
}

/** A stream that has got as far as it must, and the time that its candidate has left. */
interface Begun {
  readonly opened: Opened;
  readonly limit: CandidateLimit;
  /** How long the first word, or where nobody waits for it the vendor's acceptance, took. */
  readonly firstWordMs: number;
}

async function openCandidate(input: PipelineInput, plan: AdmittedPlan, signal: AbortSignal): Promise<Called<Begun>> {
  const { native, alternatives, candidate, route } = plan;
  const isHedged = typeof route?.hedgeAfterMs === 'number';
  const isFirstWordAwaited =
    alternatives.length > 0 ||
    isHedged ||
    candidate.timeouts?.firstByteMs !== undefined ||
    plan.continued !== undefined;
  const limit = new CandidateLimit(signal, {
    ...(isFirstWordAwaited && { firstByteMs: STREAM_IDLE_MS }),
    ...candidate.timeouts,
  });
  try {
    const opened = await callProvider(
      input,
      plan,
      async (options): Promise<Opened> => {
        const begun: Opened = native
          ? { kind: 'native', stream: await native.calls.stream(native.request, options) }
          : { kind: 'translated', result: await streamTask(plan, options) };
        return isFirstWordAwaited ? await withFirstWord(begun) : begun;
      },
      limit.signal,
    );
    limit.heard();
    return { value: { opened, limit, firstWordMs: input.ports.now() - input.callStartedAt } };
  } catch (cause) {
    limit.end();
    const failure = toFailure(cause);
    input.logger.warn('provider.failed', { code: failure.error.code, error: cause });
    return { failure: { ...failure, cause } };
  }
}

/** Its call was ended with its signal. */
function dropOpened({ limit }: Begun): Ending {
  limit.end();
  return DROPPED;
}

async function withFirstWord(opened: Opened): Promise<Opened> {
  switch (opened.kind) {
    case 'translated': {
      const { parts, warnings } = opened.result;
      return { kind: 'translated', result: { parts: await untilContent(parts, (group) => group), warnings } };
    }
    case 'native': {
      const groups = opened.stream.read(opened.stream.body.getReader());
      return { kind: 'events', groups: await untilContent(groups, ({ parts }) => parts) };
    }
    case 'events':
      return opened;
  }
}

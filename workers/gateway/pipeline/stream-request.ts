import type { OrchestrateResponse } from '../../../shared/contracts/http/orchestrate.ts';
import { formatUsd } from '../../../shared/domain/pricing/cost.ts';
import type { DomainError } from '../../../shared/errors/domain-error.ts';
import { err, ok, type Result } from '../../../shared/errors/result.ts';
import type { EventGroup, NativeStream, ServerSentEvent, StreamResult } from '../../../shared/providers/contract.ts';
import { findAnswer } from '../caching/find-answer.ts';
import { streamAnswer } from '../caching/give-answer.ts';
import { NATIVE_MAX_OUTPUT_TOKENS, STREAM_IDLE_MS, STREAM_TIMEOUT_MS } from '../constants.ts';
import { type AdmittedPlan, admitRequest } from './admit-request.ts';
import { type Called, callHedged, DROPPED } from './call-hedged.ts';
import { callProvider } from './call-provider.ts';
import { CandidateLimit } from './candidate-limit.ts';
import { EventWriter } from './event-writer.ts';
import { toFailure } from './failure.ts';
import { settle, toResponse, warningsOf } from './finish-request.ts';
import { lookForAccess } from './look-for-access.ts';
import { meterStream } from './meter-stream.ts';
import { nextPlan } from './next-plan.ts';
import type { PipelineInput } from './pipeline-input.ts';
import type { RequestPlan } from './plan-request.ts';
import { relayNative } from './relay-native.ts';
import { type Ending, settlementOf } from './settlement.ts';
import type { StreamEncoder, StreamEnding } from './stream-encoder.ts';
import type { StreamEnd } from './stream-end.ts';
import { StreamRun } from './stream-run.ts';
import { streamTask, toAnswer } from './task.ts';
import { untilContent } from './until-content.ts';
import { watchCall } from './watch-call.ts';

/** A stream that has begun. */
export interface StreamedAnswer {
  readonly events: ReadableStream<Uint8Array>;
  readonly plan: RequestPlan;
  readonly warnings: readonly string[];
}

type Answered = Result<StreamedAnswer, DomainError>;

/**
 * What the vendor has begun to send: parts for the encoder, or its own events in the client's format, as bytes to pipe, or
 * read already.
 */
type Opened =
  | { readonly kind: 'translated'; readonly result: StreamResult }
  | { readonly kind: 'native'; readonly stream: NativeStream }
  | { readonly kind: 'events'; readonly groups: AsyncIterable<EventGroup> };

/** How a stream ended, and who writes that end: the encoder, or in part the vendor. */
interface Outcome {
  readonly end: StreamEnd;
  readonly writtenBy: 'encoder' | 'vendor';
  /** The vendor's stream broke within an event, which nothing can follow. */
  readonly isBroken?: boolean;
}

/**
 * The pipeline for a streamed answer: plan, hold, call; then what comes goes to the client as it comes. While there are
 * alternatives, nothing does before a candidate's first word: one that fails until then is followed by the next. What the
 * last one refuses at once is an error; what happens later is the stream's last event. A client that leaves takes the upstream
 * call with it, and is charged for what was produced.
 */
export async function streamRequest(input: PipelineInput, encoder: StreamEncoder): Promise<Answered> {
  const plan = await admitRequest(input);
  if (!plan.ok) return plan;
  const found = await findAnswer(input, plan.value);
  if (found?.kind === 'found') return ok(streamAnswer(input, found, encoder));
  const { promise, resolve } = Promise.withResolvers<Answered>();
  const run = new StreamRun(input, plan.value, encoder, found);
  const look = () => {
    run.lookForSilence();
    void lookForAccess(run);
  };
  const endWatch = watchCall(input, { timeoutMs: STREAM_TIMEOUT_MS, giveUp: run.giveUp, look });
  const served = serve(run, resolve)
    .catch((error: unknown) => {
      input.logger.error('stream.fault', { error });
      resolve(err({ code: 'internal_error', detail: 'Something went wrong on our side; it was recorded.' }));
    })
    .finally(() => {
      endWatch();
      run.limit?.end();
    });
  input.waitUntil(served.then(() => found?.drop()));
  return await promise;
}

async function serve(run: StreamRun, answerClient: (result: Answered) => void): Promise<void> {
  const { input } = run;
  const opened = await openInTurn(run, answerClient);
  if (!opened) return;
  const { plan } = run;
  const { readable, writable } = new IdentityTransformStream();
  const warnings = warningsOf(plan, opened.kind === 'translated' ? opened.result.warnings : []);
  answerClient(ok({ events: readable, plan, warnings }));
  const pipes = opened.kind === 'native' && canPipe(run);
  const piped = pipes ? await relayNative(run, opened.stream, writable) : null;
  const writer = new EventWriter(writable, input.ports.now, run.clientLeft);
  try {
    const outcome: Outcome = piped
      ? { end: piped.end, writtenBy: 'vendor', isBroken: !piped.isAtBoundary }
      : await relay(run, opened, writer);
    await finish(run, writer, outcome, warnings);
  } catch (error) {
    writer.abort(); // whoever reads must not wait for what never comes
    throw error;
  }
}

/** Begins with the first candidate that gets as far as it must; null when none did, which is answered and settled then. */
async function openInTurn(run: StreamRun, answerClient: (result: Answered) => void): Promise<Opened | null> {
  const { input, signal } = run;
  for (;;) {
    const { plan, called } = await callHedged(input, run.plan, signal, { call: openCandidate, drop: dropOpened });
    run.plan = plan;
    if ('value' in called) {
      const { opened, limit, firstWordMs } = called.value;
      run.limit = limit;
      run.firstWordMs = firstWordMs;
      return opened;
    }
    const { failure } = called;
    const next = await nextPlan(input, plan, failure, signal);
    if (!next) {
      answerClient(err(failure.error));
      settle(input, settlementOf(input, plan, failure.ending));
      return null;
    }
    run.plan = next;
  }
}

/** If nothing of the stream must be hidden, and little enough of it can pile up in front of a slow client. */
function canPipe({ plan, encoder }: StreamRun): boolean {
  return !encoder.hides && plan.bound.outputTokens <= NATIVE_MAX_OUTPUT_TOKENS;
}

/** A stream that has got as far as it must, and the time that its candidate has left. */
interface Begun {
  readonly opened: Opened;
  readonly limit: CandidateLimit;
  /** How long the first word, or where nobody waits for it the vendor's acceptance, took. */
  readonly firstWordMs: number;
}

async function openCandidate(input: PipelineInput, plan: AdmittedPlan, signal: AbortSignal): Promise<Called<Begun>> {
  const { adapter, native, task, alternatives, candidate, route } = plan;
  const isHedged = typeof route?.hedgeAfterMs === 'number';
  const isFirstWordAwaited = alternatives.length > 0 || isHedged || candidate.timeouts?.firstByteMs !== undefined;
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
          : { kind: 'translated', result: await streamTask(task, adapter, options) };
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

/** Hands each group on in one write: the encoder's events of its parts, or the vendor's own that are not hidden. */
async function relay(run: StreamRun, opened: Opened, writer: EventWriter): Promise<Outcome> {
  const { input, plan, encoder } = run;
  if (opened.kind !== 'translated') {
    const textOf = ({ events }: EventGroup) =>
      events
        .filter((event) => !encoder.hides?.(event))
        .map(toText)
        .join('');
    const groups = opened.kind === 'events' ? opened.groups : opened.stream.read(opened.stream.body.getReader());
    const end = await meterStream(run, groups, ({ parts }) => parts, { writer, textOf });
    return { end, writtenBy: 'vendor' };
  }
  const { provider, model } = plan.candidate.offer;
  const { requestId, startedAt, trace } = input;
  const started = encoder.start({ requestId, provider, model, traceId: trace.traceId, startedAt });
  if (!run.hasLeft()) writer.write(started);
  const end = await meterStream(run, opened.result.parts, (parts) => parts, {
    writer,
    textOf: (parts) => encoder.parts(parts),
  });
  return { end, writtenBy: 'encoder' };
}

function toText({ event, data }: ServerSentEvent): string {
  const lines = `data: ${data.replaceAll('\n', '\ndata: ')}\n\n`;
  return event === 'message' ? lines : `event: ${event}\n${lines}`;
}

/** Settles, and ends the client's stream: with what says how it ended, or broken off. */
async function finish(run: StreamRun, writer: EventWriter, outcome: Outcome, warnings: readonly string[]) {
  const { input, plan, answer } = run;
  const { end } = outcome;
  const { ports, tenant } = input;
  if (end.event === 'completed') ports.health.answered(tenant.tenantId, plan.candidate, run.firstWordMs);
  const settlement = settlementOf(input, plan, end.ending);
  const { output, usage } = toAnswer(plan.task, answer.toResult());
  const status = end.event === 'completed' ? 'completed' : 'failed';
  const response = toResponse(input, plan, settlement, { output, usage, warnings }, status);
  settle(input, settlement);
  const ending: StreamEnding =
    end.event === 'completed' || !end.error
      ? { event: 'completed', response }
      : { event: end.event, error: end.error, response };
  await writeEnding(run, writer, outcome, ending);
  if (end.event === 'completed') await run.keeper?.keep({ output, usage, warnings }, settlement);
  input.logger.info('request', { end: end.event, durationMs: settlement.record.latencyMs, ...input.logFields });
}

/** Other APIs' events have no place for the cost: their clients pass over comments, and people can read them. */
function costComment({ costUsd }: OrchestrateResponse): string {
  return costUsd === null ? '' : `: eufm-cost-usd ${formatUsd(costUsd)}\n\n`;
}

async function writeEnding(
  { encoder, input }: StreamRun,
  writer: EventWriter,
  { end, writtenBy, isBroken }: Outcome,
  ending: StreamEnding,
): Promise<void> {
  try {
    if (writtenBy === 'encoder') writer.write(encoder.end(ending));
    else if (ending.event !== 'completed' && !end.isToldByVendor) {
      if (isBroken) throw new Error('the stream broke within an event');
      writer.write(encoder.failure(ending.error, input.requestId));
    }
    if (input.spoken && !isBroken) writer.write(costComment(ending.response));
    await writer.end();
  } catch {
    writer.abort(); // nobody is left to tell, or nothing can be told
  }
}

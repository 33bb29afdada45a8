import type { TerminalEventName } from '../../../shared/contracts/http/stream-events.ts';
import { costOf } from '../../../shared/domain/pricing/cost.ts';
import { countUsage } from '../../../shared/domain/usage/count-usage.ts';
import type { DomainError, ErrorCode } from '../../../shared/errors/domain-error.ts';
import { err, ok, type Result } from '../../../shared/errors/result.ts';
import type { PartStream, StreamPart } from '../../../shared/providers/contract.ts';
import type { ProviderErrorKind } from '../../../shared/providers/provider-error.ts';
import { MAX_CHARACTERS_PER_TOKEN, STREAM_IDLE_MS, STREAM_TIMEOUT_MS } from '../constants.ts';
import { toProblem } from '../problem-response.ts';
import { admitRequest } from './admit-request.ts';
import { callProvider, whileHeld } from './call-provider.ts';
import { encodeEvent, encodePart } from './encode-event.ts';
import { EventWriter } from './event-writer.ts';
import { toFailure } from './failure.ts';
import { settle, toResponse } from './finish-request.ts';
import type { PipelineInput } from './pipeline-input.ts';
import type { RequestPlan } from './plan-request.ts';
import { providerErrorToDomain } from './provider-error-to-domain.ts';
import { type Ending, settlementOf } from './settlement.ts';
import { StreamAnswer } from './stream-answer.ts';
import { toChatAnswer } from './task.ts';

/** How a stream ended: the event that says so, the error behind it, and the bill. */
interface StreamEnd {
  readonly event: TerminalEventName;
  readonly error: DomainError | null;
  readonly ending: Ending;
}

/** Failures that the vendor did not tell itself: it may have worked, and bill, for all we know. */
const BROKEN_OFF: ReadonlySet<ProviderErrorKind> = new Set(['upstream-cut', 'timeout', 'canceled', 'bad-response']);

/**
 * The pipeline for a streamed chat: plan, hold, call; then each group of parts goes to the client as it comes, in one
 * write. What the provider refuses at once is an error; what happens later is the stream's last event. A client that
 * leaves takes the upstream call with it, and is charged for what was produced.
 */
export async function streamRequest(input: PipelineInput): Promise<Result<ReadableStream<Uint8Array>, DomainError>> {
  const plan = await admitRequest(input);
  if (!plan.ok) return plan;
  const { promise, resolve } = Promise.withResolvers<Result<ReadableStream<Uint8Array>, DomainError>>();
  const served = whileHeld(input, () => serve(input, plan.value, resolve)).catch((error: unknown) => {
    input.logger.error('stream.fault', { error });
    resolve(err({ code: 'internal_error', detail: 'Something went wrong on our side; it was recorded.' }));
  });
  input.waitUntil(served);
  return await promise;
}

async function serve(
  input: PipelineInput,
  plan: RequestPlan,
  answerClient: (result: Result<ReadableStream<Uint8Array>, DomainError>) => void,
): Promise<void> {
  const stop = new AbortController();
  const leave = () => stop.abort(new DOMException('the client left', 'AbortError'));
  input.clientSignal.addEventListener('abort', leave, { once: true });
  if (input.clientSignal.aborted) leave();
  let parts: PartStream;
  try {
    parts = await open(input, plan, stop.signal);
  } catch (cause) {
    const { error, ending } = toFailure(cause);
    input.logger.warn('provider.failed', { code: error.code, error: cause });
    answerClient(err(error));
    return await settle(input, settlementOf(input, plan, ending));
  }
  const { readable, writable } = new IdentityTransformStream();
  answerClient(ok(readable));
  await pump(input, plan, parts, new EventWriter(writable, input.ports.now, leave), stop);
}

async function open(input: PipelineInput, plan: RequestPlan, signal: AbortSignal): Promise<PartStream> {
  const { task, adapter } = plan;
  if (task.kind !== 'chat') throw new Error(`a ${task.kind} cannot be streamed`);
  const limit = { timeoutMs: STREAM_TIMEOUT_MS, abort: signal };
  return await callProvider(input, plan, (options) => adapter.stream(task.request, options), limit);
}

async function pump(
  input: PipelineInput,
  plan: RequestPlan,
  parts: PartStream,
  writer: EventWriter,
  stop: AbortController,
): Promise<void> {
  const answer = new StreamAnswer();
  const end = await forward(input, plan, parts, writer, answer, stop);
  const settlement = settlementOf(input, plan, end.ending);
  const status = end.event === 'completed' ? 'completed' : 'failed';
  const response = toResponse(input, plan, settlement, toChatAnswer(answer.toResult()), status);
  const problem = end.error && toProblem(end.error, input.requestId);
  const settled = settle(input, settlement);
  try {
    await writer.write(
      end.event === 'completed' || !problem
        ? encodeEvent('completed', response)
        : encodeEvent(end.event, { ...problem, response }),
    );
    await writer.end();
  } catch {
    writer.abort(); // the client is gone: nobody is left to tell
  }
  await settled;
  input.logger.info('stream.ended', { end: end.event, ...input.logFields, durationMs: settlement.command.latencyMs });
}

/** Hands parts on until one of them, the hold, or the client ends the stream. */
async function forward(
  input: PipelineInput,
  plan: RequestPlan,
  parts: PartStream,
  writer: EventWriter,
  answer: StreamAnswer,
  stop: AbortController,
): Promise<StreamEnd> {
  const hasLeft = () => stop.signal.aborted && stop.signal.reason.name === 'AbortError';
  const giveUp = () => stop.abort(new DOMException('the provider fell silent', 'TimeoutError'));
  let idle = setTimeout(giveUp, STREAM_IDLE_MS);
  try {
    const { provider, model } = plan.candidate.offer;
    const { requestId, trace } = input;
    await writer.write(encodeEvent('started', { requestId, provider, model, trace: { traceId: trace.traceId } }));
    for await (const group of parts) {
      clearTimeout(idle);
      let text = '';
      let last: StreamPart | undefined;
      for (const part of group) {
        answer.accept(part);
        text += encodePart(part);
        last = part;
      }
      if (text !== '') await writer.write(text);
      if (last?.type === 'finish') return finished(plan, answer);
      if (last?.type === 'stream-error' && !hasLeft()) return failed(input, plan, answer, last);
      if (last?.type !== 'stream-error' && isOverHold(plan, answer)) return overHold(plan, answer);
      idle = setTimeout(giveUp, STREAM_IDLE_MS);
    }
  } catch (error) {
    if (!hasLeft()) input.logger.warn('stream.not_written', { error });
  } finally {
    clearTimeout(idle);
  }
  const detail = 'The client left before the answer was complete.';
  return {
    event: 'canceled',
    error: { code: 'canceled', detail },
    ending: producedBy(plan, answer, 'canceled', 'canceled'),
  };
}

function finished(plan: RequestPlan, answer: StreamAnswer): StreamEnd {
  return { event: 'completed', error: null, ending: producedBy(plan, answer, 'completed', null) };
}

function failed(
  input: PipelineInput,
  plan: RequestPlan,
  answer: StreamAnswer,
  { error: cause }: Extract<StreamPart, { type: 'stream-error' }>,
): StreamEnd {
  const error = providerErrorToDomain(cause);
  input.logger.warn('provider.failed', { code: error.code, error: cause });
  const isSold = answer.writtenLength > 0 || answer.usage.unified !== undefined || BROKEN_OFF.has(cause.kind);
  const ending: Ending = isSold
    ? producedBy(plan, answer, 'failed', error.code)
    : { status: 'failed', errorCode: error.code, bill: { kind: 'nothing' } };
  return { event: 'failed', error, ending };
}

function overHold(plan: RequestPlan, answer: StreamAnswer): StreamEnd {
  const detail = 'The provider wrote more than was asked for and held for it. The stream was stopped at the hold.';
  const error: DomainError = { code: 'stream_over_hold', detail };
  return { event: 'budget_exceeded', error, ending: producedBy(plan, answer, 'failed', error.code) };
}

/** The bill of what was produced: what the vendor told of it, else what was counted, marked as an estimate. */
function producedBy(
  plan: RequestPlan,
  answer: StreamAnswer,
  status: 'completed' | 'failed' | 'canceled',
  errorCode: ErrorCode | null,
): Ending {
  const { unified } = answer.usage;
  if (unified && toldCost(plan, answer) !== null) return { status, errorCode, bill: { kind: 'used', usage: unified } };
  const seen = { inputLength: plan.bound.inputTokens, writtenLength: answer.writtenLength };
  return { status: 'estimated', errorCode, bill: { kind: 'used', usage: countUsage(unified, seen) } };
}

/** The cost by the vendor's own usage; null while that does not tell all that the price needs. */
function toldCost({ bound, candidate }: RequestPlan, { usage }: StreamAnswer): bigint | null {
  return usage.unified ? costOf(candidate.offer.components, usage.unified, bound) : null;
}

/** If the vendor counts more than was held for, or has plainly written more than the output limit that it was given. */
function isOverHold(plan: RequestPlan, answer: StreamAnswer): boolean {
  const told = toldCost(plan, answer);
  const isBeyondLimit = answer.writtenLength > plan.bound.outputTokens * MAX_CHARACTERS_PER_TOKEN;
  return isBeyondLimit || (told !== null && told > plan.maxCostPicoUsd);
}

import type { OrchestrateResponse } from '../../../shared/contracts/http/orchestrate.ts';
import { formatUsd } from '../../../shared/domain/pricing/cost.ts';
import type { DomainError } from '../../../shared/errors/domain-error.ts';
import { err, ok, type Result } from '../../../shared/errors/result.ts';
import type { EventGroup, ServerSentEvent, StreamResult } from '../../../shared/providers/contract.ts';
import { findAnswer } from '../caching/find-answer.ts';
import { streamAnswer } from '../caching/give-answer.ts';
import { NATIVE_MAX_OUTPUT_TOKENS, STREAM_TIMEOUT_MS } from '../constants.ts';
import { admitRequest } from './admit-request.ts';
import { EventWriter } from './event-writer.ts';
import { settle, toResponse, warningsOf } from './finish-request.ts';
import { joinResults, withAllCosts } from './join-response.ts';
import { lookForAccess } from './look-for-access.ts';
import { meterStream } from './meter-stream.ts';
import { type Opened, openInTurn } from './open-stream.ts';
import type { PipelineInput } from './pipeline-input.ts';
import { planNextWriter } from './plan-next-writer.ts';
import type { RequestPlan } from './plan-request.ts';
import { relayNative } from './relay-native.ts';
import { settlementOf } from './settlement.ts';
import type { StreamEncoder, StreamEnding } from './stream-encoder.ts';
import { canceled, forbidden, type StreamEnd } from './stream-end.ts';
import { StreamRun } from './stream-run.ts';
import { toAnswer } from './task.ts';
import { watchCall } from './watch-call.ts';

/** A stream that has begun. */
export interface StreamedAnswer {
  readonly events: ReadableStream<Uint8Array>;
  readonly plan: RequestPlan;
  readonly warnings: readonly string[];
}

type Answered = Result<StreamedAnswer, DomainError>;

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
  const begun = await openInTurn(run);
  if ('failure' in begun) {
    answerClient(err(begun.failure.error));
    settle(input, settlementOf(input, run.plan, begun.failure.ending));
    return;
  }
  const { opened } = begun;
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
    const end = await goOn(run, writer, outcome.end, warnings);
    await finish(run, writer, { ...outcome, end }, warnings);
  } catch (error) {
    writer.abort(); // whoever reads must not wait for what never comes
    throw error;
  }
}

/**
 * As long as a provider breaks its stream off and another one can go on with the text, that one does; answers how the last
 * of them ended. Adds its warnings to `warnings`. A call that fails before it says anything leaves the end as it was.
 */
async function goOn(run: StreamRun, writer: EventWriter, broken: StreamEnd, warnings: string[]): Promise<StreamEnd> {
  for (let end = broken; ; ) {
    const next = await planNextWriter(run, end);
    if (!next) return end;
    run.plan = next;
    const begun = await openInTurn(run);
    if ('failure' in begun) return { ...stopOf(run, end), ending: begun.failure.ending };
    const { opened } = begun;
    if (opened.kind !== 'translated') throw new Error('a stream that others go on with is written by the encoder');
    const own = warningsOf(run.plan, opened.result.warnings);
    warnings.push(...own.filter((warning) => !warnings.includes(warning)));
    if (!run.hasLeft()) writer.write(continuedBy(run));
    end = await relayParts(run, opened.result, writer);
  }
}

/** Why a stream ends whose last call failed: the client left, may not go on, or else what had broken it off. */
function stopOf(run: StreamRun, broken: StreamEnd): Pick<StreamEnd, 'event' | 'error'> {
  const { plan, answer } = run;
  if (run.isForbidden()) return forbidden(plan, answer);
  return run.hasLeft() ? canceled(plan, answer) : { event: broken.event, error: broken.error };
}

/** The event that another candidate goes on; a comment, which clients pass over, for those who have no event for it. */
function continuedBy({ encoder, input: { requestId }, plan }: StreamRun): string {
  const { provider, model } = plan.candidate.offer;
  const afterCharacters = plan.continued?.begun.length ?? 0;
  if (encoder.continued) return encoder.continued({ requestId, provider, model, afterCharacters });
  return `: eufm-continued ${JSON.stringify({ requestId, provider, model, afterCharacters })}\n\n`;
}

/** If nothing of the stream must be hidden, and little enough of it can pile up in front of a slow client. */
function canPipe({ plan, encoder }: StreamRun): boolean {
  return !encoder.hides && plan.bound.outputTokens <= NATIVE_MAX_OUTPUT_TOKENS;
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
  return { end: await relayParts(run, opened.result, writer), writtenBy: 'encoder' };
}

async function relayParts(run: StreamRun, { parts }: StreamResult, writer: EventWriter): Promise<StreamEnd> {
  const { encoder } = run;
  return await meterStream(run, parts, (group) => group, { writer, textOf: (group) => encoder.parts(group) });
}

function toText({ event, data }: ServerSentEvent): string {
  const lines = `data: ${data.replaceAll('\n', '\ndata: ')}\n\n`;
  return event === 'message' ? lines : `event: ${event}\n${lines}`;
}

/** Settles, and ends the client's stream: with what says how it ended, or broken off. */
async function finish(run: StreamRun, writer: EventWriter, outcome: Outcome, warnings: readonly string[]) {
  const { input, plan, answer, earlier } = run;
  const { end } = outcome;
  const { ports, tenant } = input;
  if (end.event === 'completed') ports.health.answered(tenant.tenantId, plan.candidate, run.firstWordMs);
  const settlement = settlementOf(input, plan, end.ending);
  const results = earlier.map((call) => call.answer.toResult());
  const { output, usage } = toAnswer(plan.task, joinResults(results, answer.toResult()));
  const status = end.event === 'completed' ? 'completed' : 'failed';
  const last = toResponse(input, plan, settlement, { output, usage, warnings }, status);
  const response =
    earlier.length === 0 ? last : withAllCosts(last, [...earlier.map((call) => call.settlement), settlement]);
  settle(input, settlement);
  const ending: StreamEnding =
    end.event === 'completed' || !end.error
      ? { event: 'completed', response }
      : { event: end.event, error: end.error, response };
  await writeEnding(run, writer, outcome, ending);
  // A stored answer is one model's, which the next request could have had from it, and tells nothing of this request.
  if (end.event === 'completed' && earlier.length === 0) {
    const own = warnings.filter((warning) => !plan.warnings.includes(warning));
    await run.keeper?.keep({ output, usage, warnings: own }, settlement);
  }
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

import type { OrchestrateOutput } from '../../../shared/contracts/http/orchestrate.ts';
import type { StreamPart } from '../../../shared/providers/contract.ts';
import { omitUndefined } from '../../../shared/providers/convert/omit-undefined.ts';
import { settle, toResponse, warningsOf } from '../pipeline/finish-request.ts';
import type { PipelineInput } from '../pipeline/pipeline-input.ts';
import type { RunAnswer } from '../pipeline/run-admitted.ts';
import { settlementOf } from '../pipeline/settlement.ts';
import type { StreamEncoder } from '../pipeline/stream-encoder.ts';
import type { StreamedAnswer } from '../pipeline/stream-request.ts';
import type { FoundAnswer } from './find-answer.ts';

/** Answers with a stored answer, and settles the request: it cost nothing. */
export function giveAnswer(input: PipelineInput, { plan, answer }: FoundAnswer): RunAnswer {
  const settlement = settlementOf(input, plan, { status: 'completed', errorCode: null, bill: { kind: 'nothing' } });
  settle(input, settlement);
  const usage = { unified: answer.usage ?? undefined, raw: answer.rawUsage ?? undefined };
  const warnings = warningsOf(plan, answer.warnings);
  const response = toResponse(input, plan, settlement, { output: answer.output, usage, warnings }, 'completed');
  return { response, nativeText: answer.nativeText };
}

/** The same as a stream, in the words of the API that was asked: its text comes in one piece. */
export function streamAnswer(input: PipelineInput, found: FoundAnswer, encoder: StreamEncoder): StreamedAnswer {
  const { response } = giveAnswer(input, found);
  const { requestId, startedAt, trace } = input;
  const { provider, model } = found.answer;
  const text =
    encoder.start({ requestId, provider, model, traceId: trace.traceId, startedAt }) +
    encoder.parts(partsOf(found.answer.output)) +
    encoder.end({ event: 'completed', response });
  input.logger.info('request', { end: 'completed', durationMs: response.latencyMs, ...input.logFields });
  const events = new Blob([text]).stream();
  return { events, plan: found.plan, warnings: response.warnings };
}

/** What a stream would have told of an answer; usage and reason of its end are told by that end. */
function partsOf(output: OrchestrateOutput): StreamPart[] {
  if ('embeddings' in output) return [];
  const start: StreamPart = { type: 'response-start', responseModel: null };
  if ('text' in output) return [start, { type: 'text-delta', text: output.text }];
  const { content, reasoning = [], toolCalls = [] } = output.message;
  return [
    start,
    ...reasoning.flatMap(({ text, signature }): StreamPart[] => [
      { type: 'reasoning-delta', text },
      { type: 'reasoning-end', ...(signature !== undefined && { signature }) },
    ]),
    ...(content === '' ? [] : [{ type: 'text-delta', text: content } as const]),
    ...toolCalls.flatMap(({ id, name, arguments: text, signature }): StreamPart[] => [
      { type: 'tool-call-start', id, name },
      { type: 'tool-call-delta', id, argumentsDelta: text },
      { type: 'tool-call-end', call: { id, name, arguments: text, ...omitUndefined({ signature }) } },
    ]),
    ...(output.sources ?? []).map(
      ({ url, ...about }): StreamPart => ({ type: 'source', source: { url, ...omitUndefined(about) } }),
    ),
  ];
}

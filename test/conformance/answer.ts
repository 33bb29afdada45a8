import type {
  FinishReason,
  GenerateResult,
  Source,
  StreamPart,
  ToolCall,
  Usage,
} from '../../shared/providers/contract.ts';

/** What an attempt answered, the same whether it came at once or in parts. Absent is what there was none of. */
export interface Answer {
  readonly text: string;
  readonly reasoning?: string;
  readonly signatures?: readonly string[];
  readonly toolCalls?: readonly ToolCall[];
  readonly sources?: readonly Source[];
  readonly finishReason: FinishReason;
  readonly rawFinishReason: string | null;
  readonly usage?: Usage;
  readonly responseModel: string | null;
}

/** How a stream ended when not in an answer. */
export type StreamFailure = Extract<StreamPart, { type: 'stream-error' }>;

const some = <T>(list: readonly T[] | undefined) => (list && list.length > 0 ? list : undefined);

function compact(answer: { readonly [K in keyof Answer]: Answer[K] | undefined }): Answer {
  return JSON.parse(JSON.stringify(answer));
}

/** The answer that came at once. */
export function answerOf(result: GenerateResult): Answer {
  const { content, reasoning = [], toolCalls } = result.message;
  return compact({
    text: content,
    reasoning: reasoning.map((part) => part.text).join('') || undefined,
    signatures: some(reasoning.flatMap(({ signature }) => signature ?? [])),
    toolCalls: some(toolCalls),
    sources: some(result.sources),
    finishReason: result.finishReason,
    rawFinishReason: result.rawFinishReason,
    usage: result.usage.unified,
    responseModel: result.responseModel,
  });
}

/**
 * The answer that came in parts, or how it failed. Throws where the parts break the contract: a start that is not first,
 * an end that is not last and the only one, arguments of a tool call that are not the sum of their pieces.
 */
export function assemble(parts: readonly StreamPart[]): Answer | StreamFailure {
  const last = parts.at(-1);
  const ends = parts.filter(({ type }) => type === 'finish' || type === 'stream-error');
  if (ends.length !== 1 || last !== ends[0]) throw new Error('not one end, and that last');
  if (last?.type === 'stream-error') return last;
  const starts = parts.filter(({ type }) => type === 'response-start');
  const [start] = parts;
  if (starts.length !== 1 || start?.type !== 'response-start') throw new Error('not one start, and that first');
  if (last?.type !== 'finish') throw new Error('unreachable: the only end is a finish');

  const signatures = parts.flatMap((part) => (part.type === 'reasoning-end' ? (part.signature ?? []) : []));
  return compact({
    text: parts.map((part) => (part.type === 'text-delta' ? part.text : '')).join(''),
    reasoning: parts.map((part) => (part.type === 'reasoning-delta' ? part.text : '')).join('') || undefined,
    signatures: some(signatures),
    toolCalls: some(toolCallsOf(parts)),
    sources: some(parts.flatMap((part) => (part.type === 'source' ? [part.source] : []))),
    finishReason: last.finishReason,
    rawFinishReason: last.rawFinishReason,
    usage: last.usage.unified,
    responseModel: start.responseModel,
  });
}

function toolCallsOf(parts: readonly StreamPart[]): ToolCall[] {
  const open = new Map<string, string>();
  const calls: ToolCall[] = [];
  for (const part of parts) {
    if (part.type === 'tool-call-start') open.set(part.id, '');
    if (part.type === 'tool-call-delta') {
      const before = open.get(part.id);
      if (before === undefined) throw new Error(`a piece of the tool call ${part.id}, which has not started`);
      open.set(part.id, before + part.argumentsDelta);
    }
    if (part.type !== 'tool-call-end') continue;
    if (open.get(part.call.id) !== part.call.arguments) throw new Error(`${part.call.id} is not the sum of its pieces`);
    open.delete(part.call.id);
    calls.push(part.call);
  }
  if (open.size > 0) throw new Error('a tool call did not end');
  return calls;
}

import type { AssistantMessage, ReasoningPart, Source, ToolCall } from '../contract.ts';
import { omitUndefined } from '../convert/omit-undefined.ts';
import type { GooglePart, Grounding } from './schemas.ts';

/**
 * The parts of a candidate, by kind. A signature on plain text stands for thoughts that are not shown.
 * https://ai.google.dev/gemini-api/docs/thought-signatures
 */
export function convertParts(parts: readonly GooglePart[], generateId: () => string): AssistantMessage {
  let content = '';
  const reasoning: ReasoningPart[] = [];
  const toolCalls: ToolCall[] = [];
  for (const part of parts) {
    const { text, thought, thoughtSignature: signature } = part;
    const toolCall = convertFunctionCall(part, generateId);
    if (toolCall) {
      toolCalls.push(toolCall);
      continue;
    }
    if (!thought) content += text ?? '';
    if (thought || signature) {
      reasoning.push({ type: 'reasoning', text: (thought && text) || '', ...(signature && { signature }) });
    }
  }
  return {
    role: 'assistant',
    content,
    ...(reasoning.length > 0 && { reasoning }),
    ...(toolCalls.length > 0 && { toolCalls }),
  };
}

/** The call that a part is, with an id where Gemini gives none. */
export function convertFunctionCall(part: GooglePart, generateId: () => string): ToolCall | undefined {
  if (!part.functionCall) return undefined;
  const { id, name, args } = part.functionCall;
  return {
    id: id || generateId(),
    name,
    arguments: JSON.stringify(args ?? {}),
    ...(part.thoughtSignature && { signature: part.thoughtSignature }),
  };
}

/** The pages that an answer is grounded in. */
export function convertSources(grounding: Grounding | null | undefined): Source[] {
  return (grounding?.groundingChunks ?? []).flatMap(({ web }) =>
    web ? [{ url: web.uri, ...omitUndefined({ title: web.title ?? undefined }) }] : [],
  );
}

import type { Content, Part } from '@google/genai';
import type { FilePart, ImagePart, ReasoningPart } from '../contract.ts';
import { parseArguments } from '../convert/parse-arguments.ts';
import type { Turn } from '../convert/split-system.ts';
import { ignored } from '../convert/warn-unsupported.ts';

/** What a URL without a media type is taken for: the API wants one. */
const ASSUMED_TYPES = { image: 'image/jpeg', file: 'application/pdf' } as const;

/** The `contents` of a chat request. Results of parallel calls share one content, as the API wants them. */
export function convertContents(turns: readonly Turn[], warnings: Set<string>): Content[] {
  const contents: Content[] = [];
  let results: Part[] = [];
  turns.forEach((turn, index) => {
    if (turn.role !== 'tool') {
      contents.push({ role: turn.role === 'assistant' ? 'model' : 'user', parts: convertTurn(turn, warnings) });
      return;
    }
    if (turns[index - 1]?.role !== 'tool') {
      results = [];
      contents.push({ role: 'user', parts: results });
    }
    const response = { [turn.isError ? 'error' : 'output']: turn.content };
    results.push({ functionResponse: { id: turn.toolCallId, name: turn.toolName, response } });
  });
  return contents;
}

function convertTurn(turn: Exclude<Turn, { readonly role: 'tool' }>, warnings: Set<string>): Part[] {
  const { content } = turn;
  const toolCalls = (turn.role === 'assistant' && turn.toolCalls) || [];
  const calls = toolCalls.map(({ id, name, arguments: text, signature }) => ({
    functionCall: { id, name, args: parseArguments(text) },
    ...(signature !== undefined && { thoughtSignature: signature }),
  }));
  if (typeof content === 'string') return content === '' && calls.length > 0 ? calls : [{ text: content }, ...calls];
  const parts = content.map((part): Part => {
    if (part.type === 'text') return { text: part.text };
    return part.type === 'reasoning' ? convertReasoning(part) : convertMedia(part, warnings);
  });
  return [...parts, ...calls];
}

/** A thought that was not shown goes back as an empty text with its signature. */
function convertReasoning({ text, signature }: ReasoningPart): Part {
  return {
    text,
    ...(text !== '' && { thought: true }),
    ...(signature !== undefined && { thoughtSignature: signature }),
  };
}

function convertMedia(part: ImagePart | FilePart, warnings: Set<string>): Part {
  const { type, source } = part;
  if (type === 'image' && part.detail && part.detail !== 'auto') warnings.add(ignored('detail of an image'));
  if (source.kind === 'base64') return { inlineData: { mimeType: source.mediaType, data: source.data } };
  return { fileData: { mimeType: source.mediaType ?? ASSUMED_TYPES[type], fileUri: source.url } };
}

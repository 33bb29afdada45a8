import type { Part, Reading, Said, Settings } from '../conversation.ts';
import type { GeminiBody, GeminiPart } from './gemini.ts';

/** Stands in for a signature that there is none of. https://ai.google.dev/gemini-api/docs/thought-signatures#faqs */
const NO_SIGNATURE = 'skip_thought_signature_validator';

/** What a body of `generateContent` says. */
export function readGeminiBody(body: GeminiBody): Reading {
  const system = (body.systemInstruction?.parts ?? []).map(({ text = '' }): Said => ({ by: 'system', text }));
  const said = body.contents.flatMap(({ role, parts }) =>
    parts.flatMap((part) => (role === 'model' ? readModelPart(part) : readUserPart(part))),
  );
  return { conversation: { said: [...system, ...said], settings: readSettings(body) }, beside: new Set() };
}

function readModelPart({ text = '', thought, thoughtSignature: mark, functionCall }: GeminiPart): Said[] {
  const signed = mark === undefined || mark === NO_SIGNATURE ? {} : { signature: mark };
  if (functionCall) {
    const { id, name, args } = functionCall;
    return [{ by: 'call', id, name, arguments: args, ...signed }];
  }
  if (thought || mark !== undefined) return [{ by: 'thought', text, ...signed }];
  return [{ by: 'assistant', text }];
}

function readUserPart(part: GeminiPart): Said[] {
  const { functionResponse: answer } = part;
  if (!answer) return [{ by: 'user', part: readPart(part) }];
  const { output, error } = answer.response;
  const content: Part[] = [
    { kind: 'text', text: error ?? output ?? 'no answer' },
    ...(answer.parts ?? []).map(readPart),
  ];
  return [{ by: 'tool', id: answer.id, name: answer.name, content, isError: error !== undefined }];
}

/** Images and files differ in their media type alone. */
function readPart({ text = '', inlineData, fileData }: GeminiPart): Part {
  const mimeType = inlineData?.mimeType ?? fileData?.mimeType;
  if (mimeType === undefined) return { kind: 'text', text };
  const media = inlineData ? { bytes: inlineData.data, type: mimeType } : { url: fileData?.fileUri ?? 'no URL' };
  return { kind: mimeType.startsWith('image/') ? 'image' : 'file', media };
}

function readSettings({ generationConfig: config, tools, toolConfig }: GeminiBody): Settings {
  const { maxOutputTokens, stopSequences, thinkingConfig, responseMimeType, responseJsonSchema, ...sampling } = config;
  const calling = toolConfig?.functionCallingConfig;
  const isValidated = calling?.mode === 'VALIDATED';
  const declared = tools?.flatMap(({ functionDeclarations }) => functionDeclarations);
  const level = thinkingConfig?.thinkingLevel?.toLowerCase();
  return {
    ...sampling,
    ...(maxOutputTokens !== undefined && { limit: maxOutputTokens }),
    ...(stopSequences && { stop: stopSequences }),
    ...(level && { effort: level }),
    ...(responseMimeType && { format: responseJsonSchema === undefined ? {} : { schema: responseJsonSchema } }),
    ...(declared && {
      tools: declared.map(({ name, description, parametersJsonSchema: schema }) => ({
        name,
        schema,
        ...(description && { description }),
        ...(isValidated && { strict: true }),
      })),
    }),
    ...(calling && { choice: choiceOf(calling) }),
  };
}

type Calling = NonNullable<GeminiBody['toolConfig']>['functionCallingConfig'];

function choiceOf({ mode, allowedFunctionNames: names }: Calling): NonNullable<Settings['choice']> {
  const [name] = names ?? [];
  if (name !== undefined) return { name };
  return mode === 'NONE' ? 'none' : mode === 'ANY' ? 'required' : 'auto';
}

import type {
  Content,
  FunctionCallingConfig,
  FunctionCallingConfigMode,
  FunctionDeclaration,
  GenerationConfig,
} from '@google/genai';
import type { ChatRequest, JsonSchema, Tool } from '../contract.ts';
import { mergeProviderOptions } from '../convert/merge-provider-options.ts';
import { omitUndefined } from '../convert/omit-undefined.ts';
import { splitSystem } from '../convert/split-system.ts';
import { ignored } from '../convert/warn-unsupported.ts';
import { RESERVED_OPTIONS } from './constants.ts';
import { convertContents } from './convert-contents.ts';
import { convertEffort, type GoogleThinkingConfig } from './convert-effort.ts';
import { convertSchema } from './convert-schema.ts';

type CallingConfig = Omit<FunctionCallingConfig, 'mode'> & { mode: `${FunctionCallingConfigMode}` };

/** The SDK's types, with the words of its enums. */
interface GenerateContentBody {
  readonly contents: readonly Content[];
  readonly systemInstruction?: Content;
  readonly tools?: readonly { readonly functionDeclarations: readonly FunctionDeclaration[] }[];
  readonly toolConfig?: { readonly functionCallingConfig: CallingConfig };
  readonly generationConfig: Omit<GenerationConfig, 'thinkingConfig'> & { thinkingConfig?: GoogleThinkingConfig };
}

/** The body of `generateContent`. https://ai.google.dev/api/generate-content */
export function convertRequest(
  request: ChatRequest,
  model: string,
): { readonly body: object; readonly warnings: readonly string[] } {
  const { system, turns, warnings: splitWarnings } = splitSystem(request.messages);
  const warnings = new Set(splitWarnings);
  if (request.parallelToolCalls === false) warnings.add(ignored('parallelToolCalls false'));
  const functionCallingConfig = convertToolChoice(request);
  const body: GenerateContentBody = {
    contents: convertContents(turns, model, warnings),
    ...(system.length > 0 && { systemInstruction: { parts: system.map((text) => ({ text })) } }),
    ...(request.tools?.length && {
      tools: [{ functionDeclarations: request.tools.map((tool) => convertTool(tool, warnings)) }],
    }),
    ...(functionCallingConfig && { toolConfig: { functionCallingConfig } }),
    generationConfig: {
      maxOutputTokens: request.maxOutputTokens,
      ...omitUndefined({
        temperature: request.temperature,
        topP: request.topP,
        topK: request.topK,
        frequencyPenalty: request.frequencyPenalty,
        presencePenalty: request.presencePenalty,
        stopSequences: request.stop?.slice(),
        seed: request.seed,
        thinkingConfig: convertEffort(request, model, warnings),
      }),
      ...convertResponseFormat(request, warnings),
    },
  };
  const merged = mergeProviderOptions(body, 'google', request, RESERVED_OPTIONS);
  return { body: merged.body, warnings: [...warnings, ...merged.warnings] };
}

function convertResponseFormat(
  { responseFormat }: ChatRequest,
  warnings: Set<string>,
): Pick<GenerationConfig, 'responseMimeType' | 'responseJsonSchema'> {
  if (responseFormat?.type !== 'json') return {};
  const { schema, description } = responseFormat;
  if (description) warnings.add(ignored('description of a responseFormat'));
  return {
    responseMimeType: 'application/json',
    ...(schema && { responseJsonSchema: convertedSchema(schema, warnings) }),
  };
}

function convertTool({ name, description, parameters }: Tool, warnings: Set<string>): FunctionDeclaration {
  return {
    name,
    ...omitUndefined({ description }),
    parametersJsonSchema: convertedSchema(parameters, warnings),
  };
}

function convertedSchema(schema: JsonSchema, warnings: Set<string>): JsonSchema {
  const converted = convertSchema(schema);
  for (const warning of converted.warnings) warnings.add(warning);
  return converted.schema;
}

/** `VALIDATED` is free choice with arguments held to their schema, which is what a strict tool asks for. */
function convertToolChoice({ tools, toolChoice }: ChatRequest): CallingConfig | undefined {
  const isStrict = tools?.some(({ strict }) => strict) ?? false;
  switch (toolChoice) {
    case undefined:
      return isStrict ? { mode: 'VALIDATED' } : undefined;
    case 'auto':
      return { mode: isStrict ? 'VALIDATED' : 'AUTO' };
    case 'none':
      return { mode: 'NONE' };
    case 'required':
      return { mode: 'ANY' };
    default:
      return { mode: 'ANY', allowedFunctionNames: [toolChoice.name] };
  }
}

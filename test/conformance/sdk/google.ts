import {
  FunctionCallingConfigMode,
  type GenerateContentParameters,
  type GenerateContentResponse,
  GoogleGenAI,
  ThinkingLevel,
} from '@google/genai';
import { CITY, IMAGE_URL, MAX_OUTPUT_TOKENS, PDF, PNG } from '../requests.ts';
import { PARIS, SAYS } from '../says.ts';
import type { Scenario } from '../scenarios.ts';
import type { Sdk, SdkContext, SdkReading } from './sdk.ts';

type Params = Omit<GenerateContentParameters, 'model'>;

const maxOutputTokens = MAX_OUTPUT_TOKENS;
const tools = [
  {
    functionDeclarations: [
      { name: 'get_weather', description: 'The weather in a city now.', parametersJsonSchema: CITY },
    ],
  },
];
const user = (text: string) => ({ role: 'user', parts: [{ text }] });

const PARAMS: Record<Scenario, Params> = {
  options: {
    contents: [user('hi'), { role: 'model', parts: [{ text: 'Yes?' }] }, user(SAYS.hello)],
    config: {
      systemInstruction: { parts: [{ text: 'Be brief.' }] },
      maxOutputTokens,
      temperature: 0.5,
      topP: 0.9,
      topK: 40,
      frequencyPenalty: 0.1,
      presencePenalty: 0.2,
      stopSequences: ['END', 'STOP'],
      seed: 7,
    },
  },
  tools: {
    contents: [
      user(SAYS.tool),
      { role: 'model', parts: [{ functionCall: { id: PARIS.id, name: PARIS.name, args: { city: 'Paris' } } }] },
      {
        role: 'user',
        parts: [{ functionResponse: { id: PARIS.id, name: PARIS.name, response: { output: 'sunny' } } }],
      },
    ],
    config: {
      maxOutputTokens,
      tools,
      toolConfig: { functionCallingConfig: { mode: FunctionCallingConfigMode.AUTO } },
    },
  },
  'forced tool': {
    contents: [user(SAYS.tool)],
    config: {
      maxOutputTokens,
      tools,
      toolConfig: {
        functionCallingConfig: { mode: FunctionCallingConfigMode.ANY, allowedFunctionNames: ['get_weather'] },
      },
    },
  },
  media: {
    contents: [
      {
        role: 'user',
        parts: [
          { text: SAYS.hello },
          { inlineData: { mimeType: 'image/png', data: PNG } },
          { fileData: { mimeType: 'image/png', fileUri: IMAGE_URL } },
          { inlineData: { mimeType: 'application/pdf', data: PDF } },
        ],
      },
    ],
    config: { maxOutputTokens },
  },
  json: {
    contents: [user(SAYS.json)],
    config: { maxOutputTokens, responseMimeType: 'application/json', responseJsonSchema: CITY },
  },
  reasoning: {
    contents: [user(SAYS.hello)],
    config: { maxOutputTokens, thinkingConfig: { thinkingLevel: ThinkingLevel.HIGH, includeThoughts: true } },
  },
};

function readingOf(chunks: readonly GenerateContentResponse[]): SdkReading {
  const parts = chunks.flatMap(({ candidates }) => candidates?.[0]?.content?.parts ?? []);
  const calls = parts.flatMap(({ functionCall }) => (functionCall ? [functionCall] : []));
  const usage = chunks.findLast(({ usageMetadata }) => usageMetadata)?.usageMetadata;
  const { promptTokenCount: inputTokens = 0, totalTokenCount: total = 0 } = usage ?? {};
  return {
    text: parts.map((part) => (part.thought ? '' : (part.text ?? ''))).join(''),
    ...(calls.length > 0 && { toolCalls: calls.map(({ name = '', args }) => ({ name, arguments: args })) }),
    ...(usage && { usage: { inputTokens, outputTokens: total - inputTokens } }),
  };
}

/** The `@google/genai` package, for the Gemini API or for Vertex AI. */
export function googleSdk(vertexai: boolean): Sdk {
  const modelsOf = ({ origin, fetch }: SdkContext) =>
    new GoogleGenAI({ apiKey: 'test-key', vertexai, httpOptions: { baseUrl: origin, fetch } }).models;
  return {
    async call(scenario, way, context) {
      const params = { ...PARAMS[scenario], model: context.model };
      const models = modelsOf(context);
      return way === 'generate' ? await models.generateContent(params) : await models.generateContentStream(params);
    },

    async read(operation, context) {
      const params = { contents: 'hi', model: context.model };
      const models = modelsOf(context);
      if (operation === 'generate') return readingOf([await models.generateContent(params)]);
      if (operation === 'embed') {
        const { embeddings = [] } = await models.embedContent({ ...params, contents: ['a', 'b'] });
        return { embeddings: embeddings.map(({ values = [] }) => values) };
      }
      const chunks: GenerateContentResponse[] = [];
      for await (const chunk of await models.generateContentStream(params)) chunks.push(chunk);
      return readingOf(chunks);
    },
  };
}

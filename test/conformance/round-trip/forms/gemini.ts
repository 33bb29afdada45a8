/** A body of Gemini's `generateContent`. Written from the vendor's documentation. */
export interface GeminiBody {
  readonly contents: readonly GeminiContent[];
  readonly systemInstruction?: { readonly parts: readonly GeminiPart[] };
  readonly tools?: readonly { readonly functionDeclarations: readonly GeminiFunction[] }[];
  readonly toolConfig?: {
    readonly functionCallingConfig: { readonly mode: string; readonly allowedFunctionNames?: readonly string[] };
  };
  readonly generationConfig: {
    readonly maxOutputTokens?: number;
    readonly temperature?: number;
    readonly topP?: number;
    readonly topK?: number;
    readonly frequencyPenalty?: number;
    readonly presencePenalty?: number;
    readonly stopSequences?: readonly string[];
    readonly seed?: number;
    readonly thinkingConfig?: { readonly thinkingLevel?: string; readonly includeThoughts?: boolean };
    readonly responseMimeType?: string;
    readonly responseJsonSchema?: unknown;
  };
}

export interface GeminiFunction {
  readonly name: string;
  readonly description?: string;
  readonly parametersJsonSchema: unknown;
}

export interface GeminiContent {
  readonly role: string;
  readonly parts: readonly GeminiPart[];
}

interface InlineData {
  readonly mimeType: string;
  readonly data: string;
}

export interface GeminiPart {
  readonly text?: string;
  readonly thought?: boolean;
  readonly thoughtSignature?: string;
  readonly inlineData?: InlineData;
  readonly fileData?: { readonly mimeType: string; readonly fileUri: string };
  readonly functionCall?: { readonly id: string; readonly name: string; readonly args: unknown };
  readonly functionResponse?: {
    readonly id: string;
    readonly name: string;
    readonly response: { readonly output?: string; readonly error?: string };
    readonly parts?: readonly { readonly inlineData: InlineData }[];
  };
}

import type { Content, GenerationConfig } from '@google/genai';
import type { ChatRequest } from '../contract.ts';
import { omitUndefined } from '../convert/omit-undefined.ts';
import { splitSystem } from '../convert/split-system.ts';

interface GenerateContentBody {
  readonly contents: readonly Content[];
  readonly systemInstruction?: Content;
  readonly generationConfig: GenerationConfig;
}

/** The body of `generateContent`. Gemini has every option. */
export function convertRequest(request: ChatRequest): { body: GenerateContentBody; warnings: readonly string[] } {
  const { system, turns, warnings } = splitSystem(request.messages);
  return {
    body: {
      contents: turns.map(({ role, content }) => ({
        role: role === 'assistant' ? 'model' : 'user',
        parts: [{ text: content }],
      })),
      ...(system.length > 0 && { systemInstruction: { parts: system.map((text) => ({ text })) } }),
      generationConfig: {
        maxOutputTokens: request.maxOutputTokens,
        ...omitUndefined({
          temperature: request.temperature,
          topP: request.topP,
          stopSequences: request.stop?.slice(),
          seed: request.seed,
        }),
      },
    },
    warnings,
  };
}

import { boundTokens } from '../bound.ts';
import type { LanguageModelAdapterV1 } from '../contract.ts';
import { apiUrl } from '../http/api-url.ts';
import { postJson } from '../http/post-json.ts';
import { convertRequest } from './convert-request.ts';
import { convertUsage } from './convert-usage.ts';
import { readFault } from './error.ts';
import { mapFinishReason } from './map-finish-reason.ts';
import { generation } from './schemas.ts';

const BASE_URL = 'https://generativelanguage.googleapis.com/v1beta';

/** The Gemini API. A prompt that it blocks is answered with no text and `content-filter`, since its input is billed. */
export const googleAdapter: LanguageModelAdapterV1 = {
  specificationVersion: 'v1',
  provider: 'google',
  bound: (request) => boundTokens(request),

  async generate(request, options) {
    const { body, warnings } = convertRequest(request);
    const path = `/models/${encodeURIComponent(options.model)}:generateContent`;
    const answer = await postJson({
      provider: 'google',
      url: apiUrl(options.baseUrl ?? BASE_URL, path, 'v1beta'),
      headers: { 'x-goog-api-key': options.credentials.apiKey },
      body,
      schema: generation,
      readFault,
      options,
    });
    const candidate = answer.candidates?.[0];
    const text = candidate?.content?.parts?.map((part) => (part.thought ? '' : (part.text ?? ''))) ?? [];
    const rawFinishReason = candidate ? candidate.finishReason : answer.promptFeedback?.blockReason;
    return {
      message: { role: 'assistant', content: text.join('') },
      finishReason: candidate ? mapFinishReason(rawFinishReason) : 'content-filter',
      rawFinishReason: rawFinishReason ?? null,
      usage: convertUsage(answer.usageMetadata),
      responseModel: answer.modelVersion ?? null,
      warnings,
    };
  },
};

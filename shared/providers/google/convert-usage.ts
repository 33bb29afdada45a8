import type { ReportedUsage } from '../contract.ts';
import { reportUsage } from '../convert/report-usage.ts';
import { unifyUsage } from '../convert/unify-usage.ts';
import { type Grounding, usage } from './schemas.ts';

/**
 * Gemini bills thoughts as output but counts them beside the candidates, and leaves out what is zero: a count that is
 * missing is zero only where the total proves it, which in a stream it does at the end (`isFinal`). Usage that makes no sense counts as none.
 * https://ai.google.dev/api/generate-content#UsageMetadata
 */
export function convertUsage(
  raw: unknown,
  { grounding, isFinal = true }: { readonly grounding?: Grounding | null | undefined; readonly isFinal?: boolean } = {},
): ReportedUsage {
  return reportUsage(raw, (counts) => {
    const { data } = usage.safeParse(counts);
    if (!data) return undefined;
    const { promptTokenCount: prompt, candidatesTokenCount: candidates, thoughtsTokenCount: thoughts } = data;
    const input = prompt == null ? undefined : prompt + (data.toolUsePromptTokenCount ?? 0);
    const isOutputCounted = candidates != null || thoughts != null;
    const rest = isFinal ? difference(data.totalTokenCount, input) : undefined;
    return unifyUsage({
      inputTokens: input,
      outputTokens: isOutputCounted ? (candidates ?? 0) + (thoughts ?? 0) : rest,
      cachedInputTokens: data.cachedContentTokenCount,
      reasoningTokens: thoughts,
      audioInputTokens: audioTokens(data.promptTokensDetails),
      audioOutputTokens: audioTokens(data.candidatesTokensDetails),
      searches: grounding?.webSearchQueries?.length,
    });
  });
}

type Modalities = ReturnType<typeof usage.parse>['promptTokensDetails'];

/** Where the parts are listed, a part that is not among them is zero. */
function audioTokens(details: Modalities): number | null | undefined {
  if (details == null) return undefined;
  const audio = details.find(({ modality }) => modality === 'AUDIO');
  return audio ? audio.tokenCount : 0;
}

function difference(total: number | null | undefined, part: number | undefined): number | undefined {
  return total == null || part === undefined || total < part ? undefined : total - part;
}

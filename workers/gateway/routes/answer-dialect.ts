import type { OrchestrateResponse } from '../../../shared/contracts/http/orchestrate.ts';
import { formatUsd } from '../../../shared/domain/pricing/cost.ts';
import { answer } from '../answer.ts';
import type { AppContext } from '../app-context.ts';
import { errorResponse } from '../error-response.ts';
import { eventStreamResponse } from '../event-stream-response.ts';
import type { PipelineInput } from '../pipeline/pipeline-input.ts';
import { runRequest } from '../pipeline/run-request.ts';
import type { StreamEncoder } from '../pipeline/stream-encoder.ts';
import { streamRequest } from '../pipeline/stream-request.ts';
import type { UntypedResponse } from '../untyped-response.ts';

/** Longest `X-Eufm-Warnings`: headers of 16 KB in all are what most clients and proxies take. */
const WARNINGS_MAX_LENGTH = 8_000;

/** Answers at once: in the provider's own words where it speaks the client's format, else in those of `write`. */
export async function answerWhole(
  context: AppContext,
  input: PipelineInput,
  write: (response: OrchestrateResponse) => object,
): Promise<UntypedResponse> {
  const result = await runRequest(input);
  if (!result.ok) return errorResponse(context, result.error);
  const { response, nativeText } = result.value;
  const headers = calledHeaders(response, response.warnings);
  if (response.costUsd !== null) headers['x-eufm-cost-usd'] = formatUsd(response.costUsd);
  headers['content-type'] = 'application/json';
  return answer(context, nativeText ?? JSON.stringify(write(response)), 200, headers);
}

/** Answers as a stream. */
export async function answerStream(
  context: AppContext,
  input: PipelineInput,
  encoder: StreamEncoder,
): Promise<UntypedResponse> {
  const streamed = await streamRequest(input, encoder);
  if (!streamed.ok) return errorResponse(context, streamed.error);
  const { events, plan, warnings } = streamed.value;
  return eventStreamResponse(context, events, calledHeaders(plan.candidate.offer, warnings));
}

/** Headers that say who was called, and what was asked for and not done. */
export function calledHeaders(
  { provider, model }: { readonly provider: string; readonly model: string },
  warnings: readonly string[],
): Record<string, string> {
  const headers: Record<string, string> = { 'x-eufm-provider': provider, 'x-eufm-model': encodeURI(model) };
  if (warnings.length > 0) headers['x-eufm-warnings'] = toHeaderJson(warnings);
  return headers;
}

/** JSON in ASCII, as headers take it. A list that is too long is cut behind a whole entry, and says so. */
function toHeaderJson(warnings: readonly string[]): string {
  const inAscii = (text: string) =>
    JSON.stringify(text).replace(/[^\x20-\x7e]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
  const entries: string[] = [];
  let length = 0;
  for (const warning of warnings) {
    const entry = inAscii(warning);
    length += entry.length + 1;
    if (length > WARNINGS_MAX_LENGTH) {
      entries.push(inAscii(`and ${warnings.length - entries.length} more`));
      break;
    }
    entries.push(entry);
  }
  return `[${entries.join(',')}]`;
}

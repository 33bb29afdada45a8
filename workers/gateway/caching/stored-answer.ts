import * as z from 'zod';
import { orchestrateOutput } from '../../../shared/contracts/http/orchestrate.ts';
import { picoUsdText, providerName } from '../../../shared/contracts/names.ts';
import { usage } from '../../../shared/contracts/usage.ts';
import type { AdmittedPlan } from '../pipeline/admit-request.ts';
import type { Settlement } from '../pipeline/settlement.ts';
import type { TaskAnswer } from '../pipeline/task.ts';

/** Longest text of an answer that is stored, in characters: in three bytes each it still fits into a row. */
const ANSWER_MAX_LENGTH = 500_000;

/** How an answer must have ended to be worth having again. */
const WHOLE: ReadonlySet<string> = new Set(['stop', 'length', 'tool-calls']);

/** An answer as it is stored, by whom it was given, and what it cost then. */
export const storedAnswer = z.object({
  v: z.literal(1),
  provider: providerName,
  model: z.string(),
  accountId: z.uuid(),
  output: orchestrateOutput,
  usage: usage.nullable(),
  rawUsage: z.json().nullable(),
  warnings: z.array(z.string()),
  nativeText: z.string().nullable(),
  costPicoUsd: picoUsdText,
});
export type StoredAnswer = z.infer<typeof storedAnswer>;

/** Reads what `writeAnswer` wrote; null where another release did, in another form. */
export function readAnswer(text: string): StoredAnswer | null {
  return storedAnswer.safeParse(JSON.parse(text)).data ?? null;
}

/** The text that an answer is stored as; null where it is not to be stored. */
export function writeAnswer({ candidate }: AdmittedPlan, answer: TaskAnswer, { record }: Settlement): string | null {
  const { output } = answer;
  if ('finishReason' in output && !WHOLE.has(output.finishReason)) return null;
  const stored: z.input<typeof storedAnswer> = {
    v: 1,
    provider: candidate.offer.provider,
    model: candidate.offer.model,
    accountId: candidate.account.id,
    output,
    usage: answer.usage.unified ?? null,
    rawUsage: answer.usage.raw === undefined ? null : z.json().parse(answer.usage.raw),
    warnings: [...answer.warnings],
    nativeText: answer.nativeText ?? null,
    costPicoUsd: record.costPicoUsd,
  };
  const text = JSON.stringify(stored);
  return text.length <= ANSWER_MAX_LENGTH ? text : null;
}

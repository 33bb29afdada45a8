import type { JsonValue, ReportedUsage, Usage } from '../contract.ts';

/** What is known before the vendor has said anything. */
export const NO_USAGE: ReportedUsage = { unified: undefined, raw: undefined };

/** Usage in both forms. `raw` is a value that JSON.parse answered; null and undefined are no usage. */
export function reportUsage(raw: unknown, convert: (raw: unknown) => Usage | undefined): ReportedUsage {
  // Guarantee: what JSON.parse answers is a JsonValue, and so is every part of it.
  return raw == null ? NO_USAGE : { unified: convert(raw), raw: raw as JsonValue };
}

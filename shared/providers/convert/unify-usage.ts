import type { Usage } from '../contract.ts';

/** Keeps the counts that the vendor gave. Undefined when it gave none: unknown is never 0. */
export function unifyUsage(counts: { readonly [K in keyof Usage]: number | null | undefined }): Usage | undefined {
  const usage: Usage = {};
  for (const key of Object.keys(counts) as (keyof Usage)[]) {
    const count = counts[key];
    if (count != null) usage[key] = count;
  }
  return Object.keys(usage).length > 0 ? usage : undefined;
}

import * as z from 'zod';
import type { Source } from '../contract.ts';
import { omitUndefined } from '../convert/omit-undefined.ts';
import type { Extension } from '../openai-compatible/vendor.ts';

const text = z.string().nullish().catch(undefined);
const searchResult = z.object({ url: z.string(), title: text, date: text, snippet: text });

/**
 * The sources of an answer, in the order of its `[1]`, past the first `from`: `search_results`, or the bare URLs in
 * `citations`. A stream repeats the whole list in every chunk.
 */
export function readSources({ search_results: results, citations }: Extension, from: number): readonly Source[] {
  const list: readonly unknown[] = Array.isArray(results) && results.length > 0 ? results : asList(citations);
  return list.slice(from).map(readSource);
}

function asList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function readSource(entry: unknown): Source {
  if (typeof entry === 'string') return { url: entry };
  const { url, title, date, snippet } = searchResult.parse(entry);
  return {
    url,
    ...omitUndefined({ title: title ?? undefined, date: date ?? undefined, snippet: snippet || undefined }),
  };
}

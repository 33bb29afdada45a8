import { type Filter, parse } from 'scim2-parse-filter';
import { isStorableJson } from '../../contracts/http/storable-json.ts';
import { err, ok, type Result } from '../../errors/result.ts';
import type { ScimFault } from './scim-connection.ts';

/** Longest filter: identity providers ask for one or two attributes. The parser recurses, and is slow in its length. */
const MAX_LENGTH = 1_000;

/** Deepest nesting of brackets and `not`. */
const MAX_DEPTH = 20;

/**
 * Parses a filter of RFC 7644, section 3.4.2.2. Refuses what the parser could be kept busy with: it takes time exponential
 * in the line breaks of a text that does not end, so there may be no control characters (scim2-parse-filter 0.2.10).
 */
export function readFilter(text: string): Result<Filter, ScimFault> {
  if (text.length > MAX_LENGTH) return invalid(`must not be longer than ${MAX_LENGTH} characters`);
  if (/\p{Cc}/u.test(text) || !text.isWellFormed()) return invalid('must not hold control characters');
  if (depthOf(text) > MAX_DEPTH) return invalid(`must not be nested deeper than ${MAX_DEPTH}`);
  try {
    const filter = decodeTexts(parse(text));
    return isStorable(filter) ? ok(filter) : invalid('must not hold NUL characters or lone surrogates');
  } catch {
    return invalid('is not one of RFC 7644, section 3.4.2.2');
  }
}

/** A filter that cannot be done. */
export function invalid(detail: string): Result<never, ScimFault> {
  return err({ scimType: 'invalidFilter', detail: `The filter ${detail}.` });
}

function depthOf(text: string): number {
  const outside = text.replace(/"(?:[^"\\]|\\.)*"/g, '""');
  const nots = outside.match(/\bnot\b/gi)?.length ?? 0;
  let [depth, deepest] = [0, 0];
  for (const character of outside) {
    if (character === '(' || character === '[') deepest = Math.max(deepest, ++depth);
    if (character === ')' || character === ']') depth--;
  }
  return deepest + nots;
}

/**
 * Values as JSON has them: the parser leaves every escape but that of a quote as it is. A backslash that escapes nothing
 * stands for itself.
 */
function decodeTexts(filter: Filter): Filter {
  if ('filters' in filter) return { ...filter, filters: filter.filters.map(decodeTexts) };
  if ('filter' in filter) return { ...filter, filter: decodeTexts(filter.filter) };
  if ('valFilter' in filter) return { ...filter, valFilter: decodeTexts(filter.valFilter) };
  if (!('compValue' in filter) || typeof filter.compValue !== 'string') return filter;
  try {
    const compValue = String(JSON.parse(`"${filter.compValue.replaceAll('"', '\\"')}"`));
    return { ...filter, compValue };
  } catch {
    return filter;
  }
}

/** Escapes of a text can stand for what the filter itself must not hold. */
function isStorable(filter: Filter): boolean {
  if ('filters' in filter) return filter.filters.every(isStorable);
  if ('filter' in filter) return isStorable(filter.filter);
  if ('valFilter' in filter) return isStorable(filter.valFilter);
  return !('compValue' in filter) || isStorableJson(filter.compValue);
}

import type { ChatRequest, JsonValue, ProviderName } from '../contract.ts';

type Fields = { readonly [key: string]: unknown };

/**
 * The body with the caller's own fields for this vendor merged into it: objects merge, lists grow, anything else is
 * replaced. Fields in `kept` stay ours; they are named as paths in lower case without underscores, since Google takes
 * `max_output_tokens` for `maxOutputTokens`.
 */
export function mergeProviderOptions(
  body: object,
  provider: ProviderName,
  request: Pick<ChatRequest, 'providerOptions'>,
  kept: readonly string[],
): { readonly body: Fields; readonly warnings: readonly string[] } {
  const warnings: string[] = [];
  const merge = (ours: Fields, theirs: Fields, path: string): Fields => {
    const merged = Object.entries(theirs).flatMap(([key, value]): [string, unknown][] => {
      const name = `${path}${key}`;
      if (kept.includes(name.replaceAll('_', '').toLowerCase())) {
        warnings.push(`providerOptions.${provider}.${name} was ignored: the platform sets it`);
        return [];
      }
      const own = Object.hasOwn(ours, key) ? ours[key] : undefined;
      if (Array.isArray(own) && Array.isArray(value)) return [[key, [...own, ...value]]];
      return [[key, isFields(value) ? merge(isFields(own) ? own : {}, value, `${name}.`) : value]];
    });
    return { ...ours, ...Object.fromEntries(merged) };
  };
  const options: { readonly [key: string]: JsonValue } = request.providerOptions?.[provider] ?? {};
  return { body: merge({ ...body }, options, ''), warnings };
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

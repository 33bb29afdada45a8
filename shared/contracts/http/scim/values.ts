import { z } from '@hono/zod-openapi';
import { isStorableJson } from '../storable-json.ts';

const TEXT_MAX_LENGTH = 1_000;

/** A text as the identity provider sends it: kept as it is, so that it finds the same again. */
export function scimText(maxLength = TEXT_MAX_LENGTH) {
  return z.string().max(maxLength).refine(isStorableJson, { error: 'must not hold NUL characters or lone surrogates' });
}

/** A text that may be left out; null is the same as left out (RFC 7643, section 2.5). */
export function optionalText(maxLength = TEXT_MAX_LENGTH) {
  return scimText(maxLength).nullish();
}

const spelled = z
  .string()
  .toLowerCase()
  .pipe(z.enum(['true', 'false']))
  .transform((text) => text === 'true');

/**
 * A boolean that may be left out, or be null, which is the same. Microsoft Entra ID sends some as the texts `True` and
 * `False`.
 */
export function optionalBoolean(description?: string) {
  return z
    .union([z.boolean(), spelled])
    .nullish()
    .openapi({
      type: ['boolean', 'string', 'null'],
      pattern: '^([Tt][Rr][Uu][Ee]|[Ff][Aa][Ll][Ss][Ee])$',
      ...(description !== undefined && { description }),
    });
}

/** What every resource tells of itself. */
export const scimMeta = z.object({
  resourceType: z.string(),
  created: z.iso.datetime(),
  lastModified: z.iso.datetime(),
  location: z.string(),
  version: z.string().openapi({ description: 'As in `ETag`.', example: 'W/"3"' }),
});

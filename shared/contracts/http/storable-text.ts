import { z } from '@hono/zod-openapi';
import { isStorableJson } from './storable-json.ts';

/** A text of one to `maxLength` characters that Postgres can store, without white space around it. */
export function storableText(maxLength: number) {
  return z
    .string()
    .trim()
    .min(1)
    .max(maxLength)
    .refine(isStorableJson, { error: 'must not hold NUL characters or lone surrogates' });
}

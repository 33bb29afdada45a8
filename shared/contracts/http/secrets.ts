import { z } from '@hono/zod-openapi';
import { pageOf } from './page.ts';
import { isStorableJson } from './storable-json.ts';

const VALUE_MAX_LENGTH = 16_384;

const name = z
  .string()
  .regex(/^[A-Za-z][A-Za-z0-9_.-]{0,127}$/, 'must be a letter and up to 127 letters, digits, `_`, `.` or `-`')
  .openapi({ description: 'Unique among the tenant’s secrets.', example: 'crm_token' });

const value = z
  .string()
  .min(1)
  .max(VALUE_MAX_LENGTH)
  .refine(isStorableJson, { error: 'must not hold NUL characters or lone surrogates' })
  .openapi({ description: 'Stored sealed, and never shown again.' });

export const secretInput = z.strictObject({ name, value }).openapi('SecretInput');
export type SecretInput = z.infer<typeof secretInput>;

export const secretChange = z.strictObject({ value }).openapi('SecretChange');
export type SecretChange = z.infer<typeof secretChange>;

export const secret = z
  .object({
    id: z.uuid(),
    name: z.string(),
    createdBy: z.uuid().nullable().openapi({ description: 'The person; `null`: it was an API key.' }),
    createdAt: z.iso.datetime(),
    updatedAt: z.iso.datetime(),
  })
  .openapi('Secret', { description: 'A value that the tenant keeps here, without the value.' });
export type Secret = z.infer<typeof secret>;

export const secretList = pageOf(secret).openapi('SecretList', { description: 'Secrets, oldest first.' });

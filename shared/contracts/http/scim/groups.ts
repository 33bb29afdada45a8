import { z } from '@hono/zod-openapi';
import { optionalText, scimMeta, scimText } from './values.ts';

const NAME_MAX_LENGTH = 320;

/** The most people that one request names. */
export const MEMBERS_MAX = 5_000;

const groupMember = z.object({
  value: z.uuid().openapi({ description: 'The `id` of a person of the same provider.' }),
});

export const groupMembers = z.array(groupMember).max(MEMBERS_MAX);

export const scimGroupInput = z
  .object({
    displayName: scimText(NAME_MAX_LENGTH).min(1).openapi({ description: 'Unique, in any case.' }),
    externalId: optionalText(NAME_MAX_LENGTH),
    members: groupMembers.nullish(),
  })
  .openapi('ScimGroupInput', { description: 'A group of people (RFC 7643, section 4.2).' });
export type ScimGroupInput = z.infer<typeof scimGroupInput>;

/** A group as it is answered: `attributes` and `excludedAttributes` can leave out all but `schemas` and `id`. */
export const scimGroup = z
  .object({
    schemas: z.array(z.string()),
    id: z.string(),
    displayName: z.string().optional(),
    externalId: z.string().optional(),
    members: z
      .array(
        z.object({ value: z.string().optional(), display: z.string().optional(), type: z.literal('User').optional() }),
      )
      .optional(),
    meta: scimMeta.partial().optional(),
  })
  .openapi('ScimGroup');
export type ScimGroup = z.infer<typeof scimGroup>;

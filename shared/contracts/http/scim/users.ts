import { z } from '@hono/zod-openapi';
import { ENTERPRISE_SCHEMA } from './schemas.ts';
import { optionalBoolean, optionalText, scimMeta, scimText } from './values.ts';

const NAME_MAX_LENGTH = 320;
const EMAILS_MAX = 20;

/** Parts of `name` that are kept. */
export const NAME_PARTS = [
  'formatted',
  'familyName',
  'givenName',
  'middleName',
  'honorificPrefix',
  'honorificSuffix',
] as const;

/** Attributes of a person that are one text each and are kept as they come. */
export const PLAIN_TEXTS = [
  'displayName',
  'nickName',
  'title',
  'userType',
  'preferredLanguage',
  'locale',
  'timezone',
] as const;

/** Attributes of the enterprise extension (RFC 7643, section 4.3) that are kept. */
export const ENTERPRISE_TEXTS = ['employeeNumber', 'costCenter', 'organization', 'division', 'department'] as const;

function textsOf<Name extends string>(names: readonly Name[]) {
  return Object.fromEntries(names.map((name) => [name, optionalText()])) as {
    [Key in Name]: ReturnType<typeof optionalText>;
  }; // one field for each of the names
}

const name = z.object(textsOf(NAME_PARTS));
const email = z.object({
  value: scimText(NAME_MAX_LENGTH),
  type: optionalText(),
  primary: optionalBoolean(),
  display: optionalText(),
});
const enterprise = z.object(textsOf(ENTERPRISE_TEXTS));

/** A person's attributes that are kept beside those that have columns. What is not named here is ignored, not refused. */
export const scimUserAttributes = z.object({
  ...textsOf(PLAIN_TEXTS),
  name: name.nullish(),
  emails: z.array(email).max(EMAILS_MAX).nullish(),
  [ENTERPRISE_SCHEMA]: enterprise.nullish(),
});
export type ScimUserAttributes = z.infer<typeof scimUserAttributes>;

export const scimUserInput = scimUserAttributes
  .extend({
    userName: scimText(NAME_MAX_LENGTH).min(1).openapi({ description: 'Unique, in any case.' }),
    externalId: optionalText(NAME_MAX_LENGTH).openapi({
      description: 'Who they are to their identity provider when they sign in.',
    }),
    active: optionalBoolean('`false` ends their sessions and refuses them.'),
  })
  .openapi('ScimUserInput', { description: 'A person (RFC 7643, section 4.1). What is not named here is ignored.' });
export type ScimUserInput = z.infer<typeof scimUserInput>;

/** A person as they are answered: `attributes` and `excludedAttributes` can leave out all but `schemas` and `id`. */
export const scimUser = z
  .object({
    schemas: z.array(z.string()),
    id: z.string(),
    ...scimUserInput.partial().shape,
    active: z.boolean().optional(),
    groups: z.array(z.object({ value: z.string(), display: z.string().optional() })).optional(),
    meta: scimMeta.partial().optional(),
  })
  .openapi('ScimUser');
export type ScimUser = z.infer<typeof scimUser>;

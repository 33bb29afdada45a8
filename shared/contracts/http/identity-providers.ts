import { z } from '@hono/zod-openapi';
import { NAMES_A_FIELD } from './names-a-field.ts';
import { pageOf } from './page.ts';
import { storableText } from './storable-text.ts';

const TEXT_MAX_LENGTH = 200;
const URL_MAX_LENGTH = 500;
const SECRET_MAX_LENGTH = 2_000;
const DOMAINS_MAX = 50;

const domain = z
  .string()
  .trim()
  .toLowerCase()
  .max(253)
  .regex(/^(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}$/, 'must be a domain, as in example.com');

const fields = {
  name: storableText(TEXT_MAX_LENGTH).openapi({
    description: 'Unique among the tenant’s identity providers.',
    example: 'Workforce',
  }),
  clientId: storableText(TEXT_MAX_LENGTH).openapi({ description: 'Of this site, as registered there.' }),
  clientSecret: storableText(SECRET_MAX_LENGTH)
    .nullable()
    .openapi({ description: 'Stored sealed, and never shown again. `null`: a public client, which has PKCE only.' }),
  emailDomains: z.array(domain).max(DOMAINS_MAX).openapi({
    description: 'Whom it may bring: people with a verified address of one of these. Empty: anybody.',
  }),
  defaultRoleId: z.uuid().nullable().openapi({
    description: 'The role of who signs in for the first time. `null`: they wait until somebody gives them one.',
  }),
  environmentId: z
    .uuid()
    .nullable()
    .openapi({ description: 'The one environment that its people may act in. `null`: all.' }),
  externalIdClaim: z.enum(['sub', 'oid']).openapi({
    description: 'The claim of its ID tokens that says what SCIM calls `externalId`: `oid` for Microsoft Entra ID.',
  }),
  enabled: z.boolean().openapi({ description: '`false`: nobody signs in by it, and its sessions and tokens rest.' }),
};

export const identityProviderInput = z
  .strictObject({
    ...fields,
    issuer: z.url().max(URL_MAX_LENGTH).openapi({
      description: 'Its OpenID Connect issuer. It cannot be changed: people are known by issuer and subject.',
      example: 'https://login.example.com',
    }),
    clientSecret: fields.clientSecret.default(null),
    emailDomains: fields.emailDomains.default([]),
    defaultRoleId: fields.defaultRoleId.default(null),
    environmentId: fields.environmentId.default(null),
    externalIdClaim: fields.externalIdClaim.default('sub'),
    enabled: fields.enabled.default(true),
  })
  .openapi('IdentityProviderInput');
export type IdentityProviderInput = z.infer<typeof identityProviderInput>;

export const identityProviderChange = z
  .strictObject(fields)
  .partial()
  .refine(...NAMES_A_FIELD)
  .openapi('IdentityProviderChange', {
    minProperties: 1,
    description: 'Fields to change. `emailDomains` is replaced whole.',
  });
export type IdentityProviderChange = z.infer<typeof identityProviderChange>;

/** What is stored and may be seen. */
export const identityProviderFields = z.object({
  id: z.uuid(),
  name: z.string(),
  issuer: z.string(),
  clientId: z.string(),
  hasClientSecret: z.boolean(),
  emailDomains: z.array(z.string()),
  defaultRoleId: z.uuid().nullable(),
  environmentId: z.uuid().nullable(),
  externalIdClaim: z.enum(['sub', 'oid']),
  enabled: z.boolean(),
  createdAt: z.iso.datetime(),
});
export type IdentityProviderFields = z.infer<typeof identityProviderFields>;

export const identityProvider = identityProviderFields
  .extend({
    loginUrl: z.url().openapi({ description: 'Where its people sign in.' }),
    redirectUri: z.url().openapi({ description: 'To be registered there.' }),
    backchannelLogoutUri: z.url().openapi({ description: 'To be registered there, to end sessions.' }),
  })
  .openapi('IdentityProvider', { description: 'A tenant’s own identity provider, which brings people into it alone.' });
export type IdentityProvider = z.infer<typeof identityProvider>;

export const identityProviderList = pageOf(identityProvider).openapi('IdentityProviderList', {
  description: 'Identity providers, oldest first.',
});

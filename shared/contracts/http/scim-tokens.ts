import { z } from '@hono/zod-openapi';
import { pageOf } from './page.ts';
import { storableText } from './storable-text.ts';

const NAME_MAX_LENGTH = 200;

export const scimTokenInput = z
  .strictObject({
    name: storableText(NAME_MAX_LENGTH).openapi({ example: 'Okta' }),
    expiresAt: z.iso.datetime({ offset: true }).nullable().default(null).openapi({
      description: 'From when on it is refused; null: never.',
    }),
  })
  .openapi('ScimTokenInput');
export type ScimTokenInput = z.infer<typeof scimTokenInput>;

export const scimToken = z
  .object({
    id: z.uuid(),
    identityProviderId: z.uuid(),
    name: z.string(),
    tokenPrefix: z.string().openapi({ description: 'To recognise it by.' }),
    status: z.enum(['active', 'expired', 'revoked']),
    expiresAt: z.iso.datetime().nullable(),
    lastUsedAt: z.iso.datetime().nullable().openapi({ description: 'To the minute.' }),
    createdBy: z.uuid().nullable(),
    createdAt: z.iso.datetime(),
  })
  .openapi('ScimToken');
export type ScimToken = z.infer<typeof scimToken>;

export const createdScimToken = scimToken
  .extend({
    token: z.string().openapi({ description: 'Shown this once: the identity provider’s secret token.' }),
    baseUrl: z.url().openapi({ description: 'The SCIM address to register there.' }),
  })
  .openapi('CreatedScimToken');
export type CreatedScimToken = z.infer<typeof createdScimToken>;

export const scimTokenList = pageOf(scimToken).openapi('ScimTokenList', { description: 'Oldest first.' });

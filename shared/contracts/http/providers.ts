import { z } from '@hono/zod-openapi';
import { providerName, regionName } from '../names.ts';
import { guarantee } from '../residency.ts';
import { pageOf } from './page.ts';
import { storableText } from './storable-text.ts';

const LABEL_MAX_LENGTH = 200;
const URL_MAX_LENGTH = 500;
const CREDENTIAL_MAX_LENGTH = 8_000;

const credential = z
  .string()
  .min(1)
  .max(CREDENTIAL_MAX_LENGTH)
  .regex(/^[\x21-\x7e]+$/, 'must be printable ASCII without spaces');

const credentials = z
  .strictObject({
    apiKey: credential,
    accessToken: credential.optional().openapi({ description: 'OAuth 2.0, for a Google account of Vertex AI.' }),
  })
  .openapi('ProviderCredentials', { description: 'Stored sealed, and never shown again.' });

const accountLabel = storableText(LABEL_MAX_LENGTH).openapi({
  description: 'Unique among the tenant’s accounts at this provider.',
  example: 'production',
});

const baseUrl = z.url().max(URL_MAX_LENGTH).nullable().openapi({
  description: 'HTTPS, by a public name. `null`: the provider’s own. An account of `openai-compatible` needs one.',
  example: 'https://models.example.com/v1',
});

const region = regionName.nullable().openapi({
  description:
    'Without a `baseUrl`: which of the provider’s regional endpoints is called, with credentials that it takes. With one: where the server is, as you declare it; of an endpoint of the provider’s own it must be true. `null`: nothing is said.',
});

export const providerAccountInput = z
  .strictObject({
    ...{ provider: providerName, accountLabel, credentials },
    baseUrl: baseUrl.default(null),
    region: region.default(null),
  })
  .refine(({ provider, baseUrl }) => provider !== 'openai-compatible' || baseUrl !== null, {
    path: ['baseUrl'],
    error: 'must say where the server is',
  })
  .openapi('ProviderAccountInput');
export type ProviderAccountInput = z.infer<typeof providerAccountInput>;

export const providerAccountChange = z.strictObject({ accountLabel }).openapi('ProviderAccountChange');
export type ProviderAccountChange = z.infer<typeof providerAccountChange>;

export const providerAccountRotation = z
  .strictObject({
    credentials,
    baseUrl: baseUrl.optional().openapi({
      description: 'Where they are sent from now on; it stays as it is where this is not said.',
    }),
    region: region.optional().openapi({
      description: 'As with a new account; it stays as it is where neither this nor `baseUrl` is said, else none is.',
    }),
  })
  .openapi('ProviderAccountRotation');
export type ProviderAccountRotation = z.infer<typeof providerAccountRotation>;

export const providerAccount = z
  .object({
    id: z.uuid(),
    provider: providerName,
    accountLabel: z.string(),
    baseUrl: z.string().nullable(),
    region: regionName.nullable(),
    endpoint: z
      .object({
        region: regionName.nullable().openapi({ description: 'null: anywhere.' }),
        guarantee,
        evidence: z.string().nullable().openapi({ description: 'Where the provider says so.' }),
        readOn: z.string().nullable().openapi({ description: 'When that was read, a date.' }),
      })
      .openapi({ description: 'Where requests of this account go, for the models that the guarantee is for.' }),
    credentialsUpdatedAt: z.iso.datetime(),
    createdAt: z.iso.datetime(),
  })
  .openapi('ProviderAccount', { description: 'An account at a provider. Its credentials are never shown.' });
export type ProviderAccount = z.infer<typeof providerAccount>;

export const providerAccountList = pageOf(providerAccount).openapi('ProviderAccountList', {
  description: 'Accounts, oldest first.',
});

export const connectionTest = z
  .object({
    isConnected: z.boolean(),
    latencyMs: z.int().nonnegative().openapi({ description: 'How long the provider took to answer.' }),
    code: z.string().nullable().openapi({ description: 'Why not: a code of `docs/errors.md`.' }),
    detail: z.string().nullable(),
  })
  .openapi('ConnectionTest', { description: 'What a call to the provider with the account’s credentials came to.' });
export type ConnectionTest = z.infer<typeof connectionTest>;

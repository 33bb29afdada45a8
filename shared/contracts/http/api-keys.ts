import { z } from '@hono/zod-openapi';
import { NAMES_A_FIELD } from './names-a-field.ts';
import { pageOf, pageQuery } from './page.ts';
import { storableText } from './storable-text.ts';

const NAME_MAX_LENGTH = 200;
const MODEL_MAX_LENGTH = 200;
const LIST_MAX = 100;
const DEFAULT_OVERLAP_SECONDS = 86_400;
const OVERLAP_MAX_SECONDS = 30 * 86_400;

export const API_KEY_STATUSES = ['active', 'expired', 'revoked'] as const;

const permission = z.string().regex(/^[a-z]+:[a-z]+$/, { error: 'must be a permission, as in usage:read' });

const scopes = z
  .array(permission)
  .min(1)
  .max(LIST_MAX)
  .openapi({
    description: 'Permissions that the key has. Nobody can give one that they do not have.',
    example: ['orchestrate:invoke'],
  });

const expiresAt = z.iso.datetime({ offset: true }).nullable().openapi({
  description: 'From when on it is refused; null: never.',
});

const ipAllowList = z
  .array(z.union([z.cidrv4(), z.cidrv6(), z.ipv4(), z.ipv6()], { error: 'must be an address or a CIDR range' }))
  .min(1)
  .max(LIST_MAX)
  .nullable()
  .openapi({
    type: ['array', 'null'],
    items: { type: 'string' },
    minItems: 1,
    maxItems: LIST_MAX,
    description: 'Addresses and CIDR ranges that it may be used from; null: everywhere.',
    example: ['203.0.113.0/24', '2001:db8::/32'],
  });

const models = z
  .array(storableText(MODEL_MAX_LENGTH))
  .min(1)
  .max(LIST_MAX)
  .nullable()
  .openapi({
    description: 'Models that it may call, each as `model` or `provider/model`; null: all of the tenant’s.',
    example: ['openai/gpt-4o-mini'],
  });

const name = storableText(NAME_MAX_LENGTH).openapi({
  description: 'Unique among the tenant’s keys that are neither revoked nor replaced.',
  example: 'ci',
});

export const apiKeyInput = z
  .strictObject({
    name,
    scopes: scopes.optional().openapi({
      description: 'Permissions that the key has. Unless said: those of a developer, as far as you have them.',
    }),
    environmentId: z.uuid().optional().openapi({
      description: 'Unless said: that of the request, or else the tenant’s only one.',
    }),
    expiresAt: expiresAt.default(null),
    ipAllowList: ipAllowList.default(null),
    models: models.default(null),
  })
  .openapi('ApiKeyInput');
export type ApiKeyInput = z.infer<typeof apiKeyInput>;

export const apiKeyChange = z
  .strictObject({ name, scopes, expiresAt, ipAllowList, models })
  .partial()
  .refine(...NAMES_A_FIELD)
  .openapi('ApiKeyChange', { minProperties: 1, description: 'Fields to change. Lists are replaced whole.' });
export type ApiKeyChange = z.infer<typeof apiKeyChange>;

export const apiKeyRotation = z
  .strictObject({
    overlapSeconds: z.int().min(0).max(OVERLAP_MAX_SECONDS).default(DEFAULT_OVERLAP_SECONDS).openapi({
      description: 'How long the old key goes on working.',
    }),
    expiresAt: expiresAt.optional().openapi({
      description: 'From when on the new key is refused; null: never. Unless said: as the old one was to be.',
    }),
  })
  .openapi('ApiKeyRotation');
export type ApiKeyRotation = z.infer<typeof apiKeyRotation>;

export const apiKeyFields = z.object({
  id: z.uuid(),
  name: z.string(),
  keyPrefix: z
    .string()
    .openapi({ description: 'Enough of the key to recognise it by.', example: 'eufm_eu_dev_1aB2c3' }),
  environmentId: z.uuid(),
  scopes: z.array(z.string()),
  status: z.enum(API_KEY_STATUSES),
  expiresAt: z.iso.datetime().nullable(),
  revokedAt: z.iso.datetime().nullable(),
  lastUsedAt: z.iso.datetime().nullable().openapi({ description: 'Up to a minute behind. Null: not used so far.' }),
  ipAllowList: z.array(z.string()).nullable(),
  models: z.array(z.string()).nullable(),
  rotatedFrom: z.uuid().nullable().openapi({ description: 'The key that this one replaces.' }),
  successorId: z.uuid().nullable().openapi({ description: 'The newest key that replaces this one.' }),
  createdBy: z.uuid().nullable().openapi({ description: 'The user who made it; null where a key did.' }),
  createdAt: z.iso.datetime(),
});
export type ApiKeyFields = z.infer<typeof apiKeyFields>;

const view = apiKeyFields.extend({
  links: z.object({
    limits: z.string().openapi({
      description: 'Its own limits, as they stand. Set one with `POST /v1/rate-limits` or `POST /v1/budgets`.',
      example: '/v1/limits?apiKeyId=01990000-0000-7000-8000-000000000003',
    }),
  }),
});

export const apiKey = view.openapi('ApiKey', { description: 'An API key, without the key itself.' });
export type ApiKey = z.infer<typeof apiKey>;

export const createdApiKey = view
  .extend({ key: z.string().openapi({ description: 'The key itself. It is shown this once and stored nowhere.' }) })
  .openapi('CreatedApiKey');
export type CreatedApiKey = z.infer<typeof createdApiKey>;

export const apiKeyQuery = pageQuery.extend({
  environmentId: z.uuid().optional(),
  status: z.enum(API_KEY_STATUSES).optional(),
});
export type ApiKeyQuery = z.infer<typeof apiKeyQuery>;

export const apiKeyList = pageOf(apiKey).openapi('ApiKeyList', { description: 'API keys, oldest first.' });

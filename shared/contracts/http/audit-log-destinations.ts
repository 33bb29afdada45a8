import { z } from '@hono/zod-openapi';
import { pageOf } from './page.ts';
import { storableText } from './storable-text.ts';

const NAME_MAX_LENGTH = 200;
const URL_MAX_LENGTH = 500;

const name = storableText(NAME_MAX_LENGTH).openapi({ description: 'Unique among the tenant’s destinations.' });
const url = z.url().max(URL_MAX_LENGTH);
const printable = z
  .string()
  .regex(/^[\x21-\x7e]{1,500}$/, 'must be up to 500 printable ASCII characters without spaces');

const bucket = {
  bucket: z
    .string()
    .regex(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, 'must be the name of a bucket')
    .openapi({ example: 'audit-of-acme' }),
  region: z
    .string()
    .regex(/^[a-z0-9-]{1,50}$/, 'must be the name of a region')
    .openapi({ description: '`auto` or `us-east-1` where there is none.', example: 'eu-central-1' }),
  accessKeyId: printable,
};

const webhookInput = z
  .strictObject({
    kind: z.literal('webhook'),
    name,
    url: url.openapi({
      description: 'HTTPS, by a public name, without a fragment.',
      example: 'https://audit.example.com/checkpoints',
    }),
  })
  .openapi('AuditLogWebhookInput');

const bucketInput = z
  .strictObject({
    kind: z.literal('s3'),
    name,
    url: url.openapi({
      description:
        'The endpoint: HTTPS, by a public name, without a query or a fragment. Buckets are addressed by path.',
      example: 'https://s3.eu-central-1.amazonaws.com',
    }),
    ...bucket,
    secretAccessKey: printable.openapi({
      description: 'Stored sealed, and never shown again. It needs to put objects, and nothing else.',
    }),
  })
  .openapi('AuditLogBucketInput');

export const auditLogDestinationInput = z
  .discriminatedUnion('kind', [webhookInput, bucketInput])
  .openapi('AuditLogDestinationInput');
export type AuditLogDestinationInput = z.infer<typeof auditLogDestinationInput>;

export const auditLogDestination = z
  .object({
    id: z.uuid(),
    name: z.string(),
    kind: z.enum(['webhook', 's3']),
    url: z.string(),
    bucket: z.string().nullable(),
    region: z.string().nullable(),
    accessKeyId: z.string().nullable(),
    createdAt: z.iso.datetime(),
    delivery: z.object({
      newestSize: z.int().openapi({ description: 'Size of the newest checkpoint that is to be delivered.' }),
      deliveredSize: z.int().openapi({ description: 'Size of the last one that was; all before it were, too.' }),
      deliveredAt: z.iso.datetime().nullable(),
      failures: z.int().openapi({ description: 'Attempts that failed since.' }),
      lastError: z.string().nullable().openapi({ description: 'Why the last of them did.' }),
      nextTryAt: z.iso.datetime().nullable().openapi({ description: '`null`: there is nothing to deliver.' }),
    }),
  })
  .openapi('AuditLogDestination', { description: 'Where signed checkpoints of the audit log are sent.' });
export type AuditLogDestination = z.infer<typeof auditLogDestination>;

export const createdAuditLogDestination = auditLogDestination
  .extend({
    secret: z.string().nullable().openapi({
      description: 'Of a webhook: what its deliveries are signed with (Standard Webhooks). Shown this once.',
      example: 'whsec_…',
    }),
  })
  .openapi('CreatedAuditLogDestination');
export type CreatedAuditLogDestination = z.infer<typeof createdAuditLogDestination>;

export const auditLogDestinationList = pageOf(auditLogDestination).openapi('AuditLogDestinationList', {
  description: 'Destinations, oldest first.',
});

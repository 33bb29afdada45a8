import { z } from '@hono/zod-openapi';
import { pageOf, pageQuery } from './page.ts';
import { storableText } from './storable-text.ts';

const TEXT_MAX_LENGTH = 200;

export const auditQuery = pageQuery.extend({
  q: storableText(TEXT_MAX_LENGTH).optional().openapi({
    description: 'Part of the action, the target or what is recorded of it, in any case.',
  }),
  actor: z.uuid().optional().openapi({ description: 'Id of the person, the API key or the SCIM token.' }),
  action: storableText(TEXT_MAX_LENGTH).optional().openapi({ example: 'api_key.created' }),
  targetType: storableText(TEXT_MAX_LENGTH).optional().openapi({ example: 'api_key' }),
  from: z.iso.datetime({ offset: true }).optional(),
  to: z.iso.datetime({ offset: true }).optional().openapi({ description: 'Entries before it.' }),
});
export type AuditQuery = z.infer<typeof auditQuery>;

export const auditEntry = z
  .object({
    id: z.uuid(),
    action: z.string(),
    actorUserId: z.uuid().nullable(),
    actorApiKeyId: z.uuid().nullable(),
    targetType: z.string(),
    targetId: z.string().nullable(),
    ip: z.string().nullable(),
    userAgent: z.string().nullable(),
    metadata: z.record(z.string(), z.unknown()).openapi({
      description:
        '`requestId`, `scimTokenId` where an identity provider did it, and the target `before` and `after` as people may see it: never a secret.',
    }),
    createdAt: z.iso.datetime(),
  })
  .openapi('AuditEntry');
export type AuditEntry = z.infer<typeof auditEntry>;

export const auditList = pageOf(auditEntry).openapi('AuditList', { description: 'What happened, newest first.' });

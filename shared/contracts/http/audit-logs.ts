import { z } from '@hono/zod-openapi';
import { pageLimit, pageOf, pageQuery } from './page.ts';
import { storableText } from './storable-text.ts';

const TEXT_MAX_LENGTH = 200;

export const auditQuery = pageQuery.extend({
  q: storableText(TEXT_MAX_LENGTH).optional().openapi({
    description:
      'Words, in any case and order: each has to be part of the action, the target, what is recorded of it, the address or the user agent.',
  }),
  actor: z.uuid().optional().openapi({ description: 'Id of the person, the API key or the SCIM token.' }),
  action: storableText(TEXT_MAX_LENGTH).optional().openapi({ example: 'api_key.created' }),
  targetType: storableText(TEXT_MAX_LENGTH).optional().openapi({ example: 'api_key' }),
  target: storableText(TEXT_MAX_LENGTH).optional().openapi({ description: 'Id of what it happened to.' }),
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

export const auditParams = z.strictObject({ id: z.uuid() });

/** Base64 of 32 bytes. */
const hash = z.base64().openapi({ description: 'SHA-256, base64.' });

export const auditProof = z
  .object({
    kind: z.literal('proof'),
    version: z.literal(1),
    origin: z.string().openapi({ description: 'The log: the first line of its checkpoints, and the name of its key.' }),
    seq: z.int().nonnegative().openapi({ description: 'The entry’s place in the log, from 0 and without a gap.' }),
    hash,
    entry: z.string().openapi({ description: 'The entry as canonical JSON (RFC 8785): its UTF-8 bytes are the leaf.' }),
    proof: z.array(hash).openapi({ description: 'Hashes from the leaf up (RFC 9162, section 2.1.3).' }),
    note: z
      .string()
      .openapi({ description: 'The signed checkpoint that covers it (https://c2sp.org/tlog-checkpoint).' }),
  })
  .openapi('AuditProof', { description: 'Save it as a file and verify it with `eufm-audit verify`.' });

export const checkpointQuery = z.strictObject({
  limit: pageLimit,
  cursor: z
    .string()
    .regex(/^[1-9][0-9]{0,15}$/)
    .optional()
    .openapi({ description: 'The `nextCursor` of the page before.' }),
});
export type CheckpointQuery = z.infer<typeof checkpointQuery>;

export const auditCheckpoint = z
  .object({
    size: z.int().positive().openapi({ description: 'It covers the first so many entries of the log.' }),
    note: z.string().openapi({ description: 'A signed note (https://c2sp.org/tlog-checkpoint).' }),
    createdAt: z.iso.datetime(),
  })
  .openapi('AuditCheckpoint');
export type AuditCheckpoint = z.infer<typeof auditCheckpoint>;

export const auditCheckpointList = pageOf(auditCheckpoint).openapi('AuditCheckpointList', {
  description: 'Signed checkpoints, newest first. Keep them where nobody of ours can reach.',
});

export const auditKeyList = z
  .object({
    keys: z.array(
      z.object({
        algorithm: z.literal('ed25519'),
        publicKey: z.base64().openapi({ description: '32 bytes, base64.' }),
        since: z.iso.datetime(),
      }),
    ),
  })
  .openapi('AuditKeyList', { description: 'Keys that checkpoints are, and were, signed by, newest first.' });

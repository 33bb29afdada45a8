import { z } from '@hono/zod-openapi';
import { pageOf } from './page.ts';

export const sessionView = z
  .object({
    id: z.uuid(),
    isCurrent: z.boolean().openapi({ description: 'The session that asks.' }),
    issuer: z.string().openapi({ description: 'The identity provider that the person signed in at.' }),
    ip: z.string().nullable(),
    userAgent: z.string().nullable(),
    createdAt: z.iso.datetime(),
    lastSeenAt: z.iso.datetime().openapi({ description: 'To a minute. It ends 30 minutes after its last use.' }),
    expiresAt: z.iso.datetime().openapi({ description: 'When it ends however much it is used.' }),
  })
  .openapi('Session', { description: 'A browser that you are signed in with.' });
export type SessionView = z.infer<typeof sessionView>;

export const sessionList = pageOf(sessionView).openapi('SessionList');

export const endedSessions = z.object({ ended: z.int() }).openapi('EndedSessions');

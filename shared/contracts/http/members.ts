import { z } from '@hono/zod-openapi';
import { pageOf } from './page.ts';

const ROLES_MAX = 20;

/** The roles that someone is to have. */
export const roleIds = z
  .array(z.uuid({ error: 'must be the id of a role, as GET /v1/roles lists them' }))
  .min(1)
  .max(ROLES_MAX)
  .transform((ids) => [...new Set(ids)])
  .openapi({
    type: 'array',
    items: { type: 'string', format: 'uuid' },
    minItems: 1,
    maxItems: ROLES_MAX,
    description: 'From `GET /v1/roles`. None that permits what you may not do yourself.',
  });

export const memberChange = z
  .strictObject({ roleIds })
  .openapi('MemberChange', { description: 'Replaces all roles that were given by hand.' });
export type MemberChange = z.infer<typeof memberChange>;

export const member = z
  .object({
    userId: z.uuid(),
    email: z.string(),
    name: z.string(),
    status: z.enum(['active', 'disabled']),
    roles: z.array(
      z.object({
        id: z.uuid(),
        name: z.string(),
        source: z.enum(['hand', 'group']).openapi({
          description: '`group`: nothing but groups of their identity provider gives it to them.',
        }),
      }),
    ),
    memberSince: z.iso.datetime(),
  })
  .openapi('Member');
export type Member = z.infer<typeof member>;

export const memberList = pageOf(member).openapi('MemberList', { description: 'Members, by their ids.' });

export const memberParams = z.object({ userId: z.uuid() });

import { z } from '@hono/zod-openapi';

export const membership = z.object({
  tenantId: z.uuid(),
  name: z.string(),
  slug: z.string(),
  region: z.string(),
  plan: z.string(),
  status: z.string(),
  roles: z.array(z.string()),
  permissions: z.array(z.string()).openapi({ description: 'Of all of the roles together.' }),
});
export type Membership = z.infer<typeof membership>;

export const me = z
  .object({
    id: z.uuid(),
    email: z.string(),
    emailVerified: z.boolean().openapi({ description: 'The identity provider has checked that it is theirs.' }),
    name: z.string(),
    session: z
      .object({ id: z.uuid(), createdAt: z.iso.datetime(), expiresAt: z.iso.datetime() })
      .nullable()
      .openapi({ description: 'The session that asks; null for an access token.' }),
    tenants: z.array(membership),
  })
  .openapi('Me', { description: 'Who asks, and what they may do where.' });
export type Me = z.infer<typeof me>;

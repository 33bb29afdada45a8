import { z } from '@hono/zod-openapi';
import { pageOf } from './page.ts';

const NAME_MAX_LENGTH = 253;

const defaultRoleId = z.uuid().nullable().openapi({
  description: 'The role of who joins by it. `null`: nobody does, and the domain is only held.',
});

export const domainInput = z
  .strictObject({
    name: z.string().min(1).max(NAME_MAX_LENGTH).openapi({
      description: 'What is behind the @ of its addresses. Subdomains are domains of their own.',
      example: 'acme.com',
    }),
    defaultRoleId: defaultRoleId.default(null),
  })
  .openapi('DomainInput');
export type DomainInput = z.infer<typeof domainInput>;

export const domainChange = z.strictObject({ defaultRoleId }).openapi('DomainChange');
export type DomainChange = z.infer<typeof domainChange>;

/** What is stored and may be seen. */
export const domainFields = z.object({
  id: z.uuid(),
  name: z.string(),
  challenge: z.string(),
  defaultRoleId: z.uuid().nullable(),
  verifiedAt: z.iso.datetime().nullable(),
  lastSeenAt: z.iso.datetime().nullable(),
  createdAt: z.iso.datetime(),
});

export const domain = domainFields
  .omit({ challenge: true })
  .extend({
    status: z.enum(['pending', 'verified']).openapi({ description: '`verified`: the tenant holds it.' }),
    record: z
      .object({ type: z.literal('TXT'), name: z.string(), value: z.string() })
      .openapi({ description: 'To be published in the domain’s DNS, and to be left there.' }),
    lastSeenAt: domainFields.shape.lastSeenAt.openapi({
      description: 'When the record was last there. It is looked for once a day.',
    }),
  })
  .openapi('Domain', { description: 'A domain of e-mail addresses that a tenant says is its own.' });
export type Domain = z.infer<typeof domain>;

export const domainList = pageOf(domain).openapi('DomainList', { description: 'Domains, oldest first.' });

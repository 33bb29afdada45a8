import { z } from '@hono/zod-openapi';
import { regionName } from '../names.ts';
import { NAMES_A_FIELD } from './names-a-field.ts';
import { pageOf } from './page.ts';
import { storableText } from './storable-text.ts';

const NAME_MAX_LENGTH = 200;

const name = storableText(NAME_MAX_LENGTH).openapi({ example: 'Acme' });

const timeZone = z
  .string()
  .max(64)
  .refine(isTimeZone, { error: 'must be an IANA time zone, such as Europe/Berlin' })
  .openapi({
    description: 'IANA name. Quotas and budgets follow its calendar.',
    example: 'Europe/Berlin',
  });

export const tenantInput = z
  .strictObject({
    name,
    region: regionName.optional().openapi({ description: 'Where its data stays; this deployment’s unless said.' }),
  })
  .openapi('TenantInput');
export type TenantInput = z.infer<typeof tenantInput>;

export const tenantChange = z
  .strictObject({ name, timeZone })
  .partial()
  .refine(...NAMES_A_FIELD)
  .openapi('TenantChange', { minProperties: 1 });
export type TenantChange = z.infer<typeof tenantChange>;

const view = {
  id: z.uuid(),
  name: z.string(),
  slug: z.string().openapi({ description: 'Made from the name when the tenant was created; it stays.' }),
  plan: z.string(),
  region: regionName,
  status: z.enum(['active', 'suspended', 'deleting']).openapi({
    description:
      'A tenant that is suspended or being deleted is refused everywhere; until `eraseAfter` it can be restored.',
  }),
  timeZone: z.string(),
  eraseAfter: z.iso.datetime().nullable().openapi({ description: 'When a deleted tenant ends for good.' }),
  createdAt: z.iso.datetime(),
};

export const tenant = z
  .object(view)
  .openapi('Tenant', { description: 'What environments, keys and members belong to.' });
export type Tenant = z.infer<typeof tenant>;

export const ownTenant = z
  .object({ ...view, roles: z.array(z.string()).openapi({ description: 'What you are there.' }) })
  .openapi('OwnTenant');
export type OwnTenant = z.infer<typeof ownTenant>;

export const tenantList = pageOf(ownTenant).openapi('TenantList', {
  description: 'Tenants that you are a member of, oldest first.',
});

export const createdTenant = z
  .object({
    ...view,
    environments: z.array(z.object({ id: z.uuid(), name: z.string(), type: z.enum(['dev', 'staging', 'prod']) })),
  })
  .openapi('CreatedTenant', { description: 'A tenant with its first environment.' });
export type CreatedTenant = z.infer<typeof createdTenant>;

/** Parameters of a path under one tenant. */
export const tenantParams = z.object({ id: z.uuid().openapi({ description: 'The tenant.' }) });

function isTimeZone(text: string): boolean {
  if (!/^[A-Za-z]+([/_+-][A-Za-z0-9]+)*$/.test(text)) return false;
  try {
    new Intl.DateTimeFormat('en-US', { timeZone: text });
    return true;
  } catch {
    return false;
  }
}

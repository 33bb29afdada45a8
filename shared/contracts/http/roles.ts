import { z } from '@hono/zod-openapi';
import { PERMISSIONS } from '../permission-names.ts';
import { NAMES_A_FIELD } from './names-a-field.ts';
import { pageOf } from './page.ts';
import { storableText } from './storable-text.ts';

const NAME_MAX_LENGTH = 100;
const DESCRIPTION_MAX_LENGTH = 500;

const permissions = z
  .array(z.enum(PERMISSIONS))
  .max(PERMISSIONS.length)
  .transform((names) => [...new Set(names)].sort())
  .openapi({
    type: 'array',
    items: { type: 'string', enum: [...PERMISSIONS] },
    maxItems: PERMISSIONS.length,
    description: 'None that you do not have yourself.',
  });

const fields = {
  name: storableText(NAME_MAX_LENGTH).openapi({
    description: 'Unique among the tenant’s roles, and none of the built-in ones’.',
    example: 'on-call',
  }),
  description: storableText(DESCRIPTION_MAX_LENGTH),
  permissions,
};

export const roleInput = z.strictObject(fields).openapi('RoleInput');
export type RoleInput = z.infer<typeof roleInput>;

export const roleChange = z
  .strictObject(fields)
  .partial()
  .refine(...NAMES_A_FIELD)
  .openapi('RoleChange', { minProperties: 1, description: 'Fields to change. `permissions` are replaced whole.' });
export type RoleChange = z.infer<typeof roleChange>;

export const role = z
  .object({
    id: z.uuid(),
    name: z.string(),
    description: z.string(),
    permissions: z.array(z.string()),
    isBuiltIn: z.boolean().openapi({ description: 'It exists in every tenant and cannot be changed.' }),
    isOffered: z.boolean().openapi({ description: 'The tenant’s plan lets members be given it.' }),
    offeredIn: z.array(z.string()).openapi({ description: 'The plans that do, the smallest first.' }),
  })
  .openapi('Role');
export type Role = z.infer<typeof role>;

export const roleList = pageOf(role).openapi('RoleList', { description: 'Built-in roles and the tenant’s own.' });

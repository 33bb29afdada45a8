import { z } from '@hono/zod-openapi';
import { PERMISSIONS } from '../permission-names.ts';

const name = z.enum(PERMISSIONS);

export const permissionList = z
  .object({ data: z.array(z.object({ name, description: z.string() })), nextCursor: z.null() })
  .openapi('PermissionList');

export const permissionCheckQuery = z.strictObject({
  permission: z
    .string()
    .transform((text) => text.split(','))
    .pipe(z.array(name).max(PERMISSIONS.length))
    .openapi({
      type: 'string',
      description: 'Names of permissions, with commas between them.',
      example: 'keys:read,keys:write',
    }),
});

export const permissionCheck = z.record(z.string(), z.boolean()).openapi('PermissionCheck', {
  description: 'By permission, if the credential has it.',
  example: { 'keys:read': true },
});

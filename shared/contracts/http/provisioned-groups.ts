import { z } from '@hono/zod-openapi';
import { pageOf } from './page.ts';

export const groupRole = z
  .strictObject({
    roleId: z.uuid().nullable().openapi({
      description: 'From `GET /v1/roles`. None that permits what you may not do yourself. `null`: it gives no role.',
    }),
  })
  .openapi('GroupRole');

export const provisionedGroup = z
  .object({
    id: z.uuid(),
    identityProviderId: z.uuid(),
    displayName: z.string(),
    externalId: z.string().nullable(),
    roleId: z.uuid().nullable(),
    memberCount: z.int(),
    createdAt: z.iso.datetime(),
  })
  .openapi('ProvisionedGroup', {
    description: 'A group that an identity provider sends, and the role of who is in it.',
  });
export type ProvisionedGroup = z.infer<typeof provisionedGroup>;

export const provisionedGroupList = pageOf(provisionedGroup).openapi('ProvisionedGroupList', {
  description: 'Oldest first.',
});

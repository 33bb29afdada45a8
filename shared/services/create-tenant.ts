import { sql } from 'drizzle-orm';
import { uuidv7 } from 'uuidv7';
import { type CreatedTenant, createdTenant } from '../contracts/http/tenants.ts';
import type { RegionName } from '../contracts/names.ts';
import type { ChangeContext } from './change-configuration.ts';
import { recordChange } from './record-change.ts';
import { ownerRole } from './role-grants.ts';
import { tenantFields } from './tenant-fields.ts';
import { tenantSlug } from './tenant-slug.ts';

/**
 * Makes the tenant `by.tenantId`, with an environment for development, its audit row, and who asks as its owner. The data
 * plane knows of it once it is published. Throws when the slug is taken, which its random part makes next to impossible.
 */
export async function createTenant(
  by: ChangeContext & { readonly actor: { readonly kind: 'user'; readonly userId: string } },
  { name, region }: { readonly name: string; readonly region: RegionName },
): Promise<CreatedTenant> {
  const { tenantId, actor } = by;
  const { after } = await recordChange(by, {
    ...{ action: 'tenant.created', targetType: 'tenant' },
    steps: [
      ['refusal', sql`select null::text as reason`],
      [
        'created',
        sql`insert into tenants (id, name, slug, region)
          values (${tenantId}::uuid, ${name}::text, ${tenantSlug(name)}::text, ${region}::text)
          returning id, ${tenantFields} as fields`,
      ],
      [
        'furnished',
        sql`insert into environments (id, tenant_id, name, type)
          values (${uuidv7()}::uuid, ${tenantId}::uuid, 'development', 'dev') returning id, name, type`,
      ],
      [
        'owned',
        sql`insert into user_roles (tenant_id, user_id, role_id)
          select ${tenantId}::uuid, ${actor.userId}::uuid, id from (${ownerRole}) as role`,
      ],
      [
        'changed',
        sql`select created.id, null::jsonb as before, created.fields || jsonb_build_object('environments',
            (select jsonb_agg(jsonb_build_object('id', id, 'name', name, 'type', type)) from furnished)) as after
          from created`,
      ],
    ],
  });
  return createdTenant.parse(after);
}

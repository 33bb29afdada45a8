import { sql } from 'drizzle-orm';
import { uuidv7 } from 'uuidv7';
import { type CreatedTenant, createdTenant } from '../contracts/http/tenants.ts';
import type { RegionName } from '../contracts/names.ts';
import { err, ok, type Result } from '../errors/result.ts';
import type { ChangeContext } from './change-configuration.ts';
import { recordChange } from './record-change.ts';
import { firstReason, isAllowed, ownerRole } from './role-grants.ts';
import { tenantFields } from './tenant-fields.ts';
import { tenantSlug } from './tenant-slug.ts';

/** How many tenants one person may own and still make another. One that is being deleted counts until it is erased. */
export const MOST_OWNED_TENANTS = 20;

/**
 * Makes the tenant `by.tenantId`, with an environment for development, its audit row, and who asks as its owner, unless they
 * own as many as a person may. The data plane knows of it once it is published. Throws when the slug is taken, which its
 * random part makes next to impossible.
 */
export async function createTenant(
  by: ChangeContext & { readonly actor: { readonly kind: 'user'; readonly userId: string } },
  { name, region }: { readonly name: string; readonly region: RegionName },
): Promise<Result<CreatedTenant, 'tenant_limit'>> {
  const { tenantId, actor } = by;
  const owned = sql`select count(*) from user_roles
    where user_id = ${actor.userId}::uuid and role_id in (${ownerRole})`;
  const { after, reason } = await recordChange<'tenant_limit'>(by, {
    first: [
      sql`select set_config('app.user', ${actor.userId}, true)`, // to see what they own
      sql`select from users where id = ${actor.userId}::uuid for no key update`, // one after another
    ],
    ...{ action: 'tenant.created', targetType: 'tenant' },
    steps: [
      ['refusal', firstReason([['tenant_limit', sql`(${owned}) >= ${MOST_OWNED_TENANTS}`]])],
      [
        'created',
        sql`insert into tenants (id, name, slug, region)
          select ${tenantId}::uuid, ${name}::text, ${tenantSlug(name)}::text, ${region}::text where ${isAllowed}
          returning id, ${tenantFields} as fields`,
      ],
      [
        'furnished',
        sql`insert into environments (id, tenant_id, name, type)
          select ${uuidv7()}::uuid, id, 'development', 'dev' from created returning id, name, type`,
      ],
      [
        'owned',
        sql`insert into user_roles (tenant_id, user_id, role_id)
          select created.id, ${actor.userId}::uuid, role.id from created, (${ownerRole}) as role`,
      ],
      [
        'changed',
        sql`select created.id, null::jsonb as before, created.fields || jsonb_build_object('environments',
            (select jsonb_agg(jsonb_build_object('id', id, 'name', name, 'type', type)) from furnished)) as after
          from created`,
      ],
    ],
  });
  return reason === null ? ok(createdTenant.parse(after)) : err(reason);
}

import { sql } from 'drizzle-orm';
import { type Tenant, tenant } from '../contracts/http/tenants.ts';
import { isoText } from './configuration-columns.ts';

/** A tenant's fields as clients see them, an SQL expression over `tenants`. */
export const tenantFields = sql`jsonb_build_object('id', id, 'name', name, 'slug', slug, 'plan', plan, 'region', region,
  'status', status, 'timeZone', time_zone, 'eraseAfter', ${isoText('erase_after')}, 'createdAt', ${isoText('created_at')})`;

/** A row's fields as clients see them. */
export function toTenant(fields: unknown): Tenant {
  return tenant.parse(fields);
}

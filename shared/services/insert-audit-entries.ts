import { type SQL, sql } from 'drizzle-orm';
import { toJsonb } from '../db/to-jsonb.ts';
import { takesEntries } from './takes-entries.ts';

/** An entry that the data plane tells of: who did what from where, by the columns' names. */
export interface ToldEntry {
  readonly id: string;
  readonly action: string;
  readonly target_type: string;
  readonly target_id: string;
  readonly actor_user_id: string | null;
  readonly actor_api_key_id: string | null;
  readonly ip: string | null;
  readonly user_agent: string | null;
  readonly created_at: string;
  readonly metadata: Readonly<Record<string, unknown>>;
}

/** The statement that writes entries into a tenant's audit log, each once however often it is told. An erased tenant's log stays empty. */
export function insertAuditEntries(tenantId: string, entries: readonly ToldEntry[]): SQL {
  return sql`
    insert into audit_logs (id, tenant_id, action, target_type, target_id, actor_user_id, actor_api_key_id, ip,
      user_agent, created_at, metadata)
    select id, ${tenantId}::uuid, action, target_type, target_id, actor_user_id, actor_api_key_id, ip, user_agent, created_at,
      metadata
    from jsonb_populate_recordset(null::audit_logs, ${toJsonb(entries)}::jsonb)
    where exists (select from tenants where id = ${tenantId}::uuid and ${takesEntries})
    on conflict (tenant_id, id) do nothing`;
}

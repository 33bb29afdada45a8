import { sql } from 'drizzle-orm';
import { type AuditLogDestination, auditLogDestination } from '../contracts/http/audit-log-destinations.ts';
import { auditLogDestinations } from '../db/schema/audit.ts';
import type { ConfigurationTable } from './change-configuration.ts';
import { createdAtText, isoText } from './configuration-columns.ts';

/** Nothing of the secret. */
export const AUDIT_LOG_DESTINATIONS: ConfigurationTable = {
  table: auditLogDestinations,
  target: 'audit_log_destination',
  fields: sql`jsonb_build_object('id', id, 'name', name, 'kind', kind, 'url', url, 'bucket', bucket, 'region', region,
    'accessKeyId', access_key_id, 'createdAt', ${createdAtText},
    'delivery', jsonb_build_object('newestSize', newest_size, 'deliveredSize', delivered_size,
      'deliveredAt', ${isoText('delivered_at')}, 'failures', failures, 'lastError', last_error,
      'nextTryAt', case when newest_size > delivered_size then ${isoText('next_try_at')} end))`,
};

/** A row's fields as clients see them. */
export function toAuditLogDestination(fields: unknown): AuditLogDestination {
  return auditLogDestination.parse(fields);
}

import type { AuditLogDestination } from '../contracts/http/audit-log-destinations.ts';
import type { Page, PageQuery } from '../contracts/http/page.ts';
import type { Database } from '../db/client.ts';
import { AUDIT_LOG_DESTINATIONS, toAuditLogDestination } from './audit-log-destination-fields.ts';
import { listConfiguration } from './list-configuration.ts';

/** A page of where a tenant's checkpoints are sent, oldest first. */
export async function listAuditLogDestinations(input: {
  readonly db: Database;
  readonly tenantId: string;
  readonly page: PageQuery;
}): Promise<Page<AuditLogDestination>> {
  const { data, nextCursor } = await listConfiguration({ ...input, kind: AUDIT_LOG_DESTINATIONS });
  return { data: data.map(toAuditLogDestination), nextCursor };
}

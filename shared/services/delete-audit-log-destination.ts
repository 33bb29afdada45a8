import type { Result } from '../errors/result.ts';
import { AUDIT_LOG_DESTINATIONS } from './audit-log-destination-fields.ts';
import { type ChangeContext, type ChangeRefusal, deleteConfiguration } from './change-configuration.ts';

/** Ends deliveries to a destination, with the audit row. */
export function deleteAuditLogDestination(by: ChangeContext, id: string): Promise<Result<unknown, ChangeRefusal>> {
  return deleteConfiguration(by, AUDIT_LOG_DESTINATIONS, id);
}

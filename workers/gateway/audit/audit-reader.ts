import { sha256 } from '../../../shared/crypto/sha256.ts';
import { type StatementRunner, statementsOver } from '../../../shared/db/statement-runner.ts';
import type { AuditReader } from '../../../shared/services/export-audit-log.ts';
import type { AppContext } from '../app-context.ts';

/** What reads the audit log of the request's tenant. */
export function auditReader(context: AppContext): AuditReader {
  const { region } = context.get('ports').settings;
  return { statements: auditStatements(context), sha256, region, tenantId: context.get('tenant').tenantId };
}

/** What reads that of none: the platform's keys. */
export function auditStatements(context: AppContext): StatementRunner {
  return statementsOver(context.get('ports').db);
}

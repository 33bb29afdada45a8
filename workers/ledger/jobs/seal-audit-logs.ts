import { enterAuditKey } from '../../../shared/services/audit-keys.ts';
import { listUnsealedTenants } from '../../../shared/services/list-unsealed-tenants.ts';
import { type SealPorts, sealAuditLog } from '../../../shared/services/seal-audit-log.ts';
import type { AuditPorts } from '../audit-ports.ts';

/** How long one run of the schedule seals, and how many tenants at once. What is left has its turn with the next. */
const RUN_MS = 20_000;
const AT_ONCE = 8;

/**
 * Seals every tenant's new audit entries: numbered, and covered by a signed checkpoint that is stored outside of the database.
 * One tenant's failure leaves it for the next run and does not stop the rest.
 */
export async function sealAuditLogs(ports: AuditPorts): Promise<void> {
  const { statements, now } = ports;
  let waiting = await listUnsealedTenants(statements, []);
  if (waiting.length === 0) return;
  const key = await ports.signingKey();
  const publicKeys = await enterAuditKey(statements, key.publicKey);
  const seal: SealPorts = { ...ports, publicKeys, sign: key.sign };
  const end = now().getTime() + RUN_MS;
  const tried: string[] = [];
  while (waiting.length > 0 && now().getTime() < end) {
    const next = waiting.splice(0, AT_ONCE);
    await Promise.all(next.map((tenantId) => sealOne(ports, seal, tenantId, end)));
    tried.push(...next);
    if (waiting.length === 0) waiting = await listUnsealedTenants(statements, tried);
  }
}

async function sealOne({ logger, now }: AuditPorts, seal: SealPorts, tenantId: string, end: number): Promise<void> {
  try {
    for (let isMore = true; isMore && now().getTime() < end; ) {
      const sealed = await sealAuditLog(seal, tenantId);
      if (!sealed.ok) return logger.error('audit.rewritten', { tenantId });
      isMore = sealed.value.isMore;
      logger.info('audit.sealed', { tenantId, size: sealed.value.size });
    }
  } catch (error) {
    logger.error('audit.not_sealed', { tenantId, error });
  }
}

import { MOST_SHARDS } from '../../../durable-objects/stubs.ts';
import { eraseTenant, listTenantsToErase } from '../../../shared/services/erase-tenant.ts';
import { loadTenantSnapshot } from '../../../shared/services/load-tenant-snapshot.ts';
import { publishTenant } from '../../../shared/services/publish-configuration.ts';
import type { LedgerPorts } from '../ports.ts';

/**
 * Erases tenants whose grace period is over: first their key, without which all that they sealed is unreadable wherever a
 * copy of it is; then their tasks, their events, their archives, their rows, and the copy of their configuration that each of their objects has. One tenant's failure leaves it for the next run and does not stop the rest.
 */
export async function eraseTenants(ports: LedgerPorts): Promise<void> {
  const tenantIds = await listTenantsToErase(ports);
  for (const tenantId of tenantIds) await erase(ports, tenantId);
}

async function erase(ports: LedgerPorts, tenantId: string): Promise<void> {
  const { db, gate, logger } = ports;
  try {
    await ports.eraseKey(tenantId);
    await ports.eraseTasks(tenantId);
    await ports.eraseEvents(tenantId);
    await ports.eraseArchive(tenantId);
    await eraseTenant({ db, tenantId });
    const snapshot = await loadTenantSnapshot({ db, tenantId });
    for (let shard = 1; snapshot && shard < MOST_SHARDS; shard++) await gate(tenantId, shard).publish(snapshot);
    await publishTenant({ db, gate: gate(tenantId), tenantId });
    logger.info('tenant.erased', { tenantId });
  } catch (error) {
    logger.error('tenant.not_erased', { tenantId, error });
  }
}

import { loadTenantSnapshot } from '../../../shared/services/load-tenant-snapshot.ts';
import { listUnpublishedTenants, markPublished } from '../../../shared/services/publish-configuration.ts';
import type { LedgerPorts } from '../ports.ts';

/**
 * Hands configuration to the TenantGates that do not have it yet: the sweep behind a change whose own hand-over failed.
 * One tenant's failure leaves it for the next sweep and does not stop the others.
 */
export async function publishConfigurations({ db, gate, logger }: LedgerPorts): Promise<void> {
  for (const { tenantId } of await listUnpublishedTenants({ db })) {
    try {
      const snapshot = await loadTenantSnapshot({ db, tenantId });
      if (!snapshot) continue;
      await gate(tenantId).publish(snapshot);
      await markPublished({ db, tenantId, configVersion: snapshot.configVersion });
      logger.info('configuration.published', { tenantId, configVersion: snapshot.configVersion });
    } catch (error) {
      logger.error('configuration.not_published', { tenantId, error });
    }
  }
}

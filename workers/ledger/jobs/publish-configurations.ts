import { FIRST_PAGE, listUnpublishedTenants, publishTenant } from '../../../shared/services/publish-configuration.ts';
import type { LedgerPorts } from '../ports.ts';

/**
 * Hands configuration to the TenantGates that do not have it yet: the sweep behind a change whose own hand-over failed.
 * Goes through all such tenants, so that none waits for the changes of others. One tenant's failure leaves it for the next
 * sweep and does not stop the rest.
 */
export async function publishConfigurations(ports: LedgerPorts): Promise<void> {
  let after: string | undefined = FIRST_PAGE;
  while (after !== undefined) {
    const page = await listUnpublishedTenants({ db: ports.db, after });
    for (const { tenantId } of page) await publish(ports, tenantId);
    after = page.at(-1)?.tenantId;
  }
}

async function publish({ db, gate, logger }: LedgerPorts, tenantId: string): Promise<void> {
  try {
    const snapshot = await publishTenant({ db, gate: gate(tenantId), tenantId });
    if (snapshot) logger.info('configuration.published', { tenantId, configVersion: snapshot.configVersion });
  } catch (error) {
    logger.error('configuration.not_published', { tenantId, error });
  }
}

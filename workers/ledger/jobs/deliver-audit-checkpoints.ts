import type { Logger } from '../../../shared/platform/logger.ts';
import {
  type DeliveryPorts,
  deliverCheckpoints,
  listDueDestinations,
} from '../../../shared/services/deliver-checkpoints.ts';
import type { DestinationId } from '../../../shared/services/destination-turn.ts';

/** How long one run of the schedule delivers, and to how many destinations at once. */
const RUN_MS = 20_000;
const AT_ONCE = 8;

/**
 * Delivers signed checkpoints to tenants' destinations. One that does not answer takes one place of several, for one
 * attempt: then it waits for its time. What is left has its turn with the next run.
 */
export async function deliverAuditCheckpoints(ports: DeliveryPorts & { readonly logger: Logger }): Promise<void> {
  const end = ports.now().getTime() + RUN_MS;
  for (let due = await listDueDestinations(ports); due.length > 0; due = await listDueDestinations(ports)) {
    const lanes = Array.from({ length: AT_ONCE }, async () => {
      for (let next = due.shift(); next && ports.now().getTime() < end; next = due.shift()) {
        await deliverOne(ports, next, end);
      }
    });
    await Promise.all(lanes);
    if (ports.now().getTime() >= end) return;
  }
}

async function deliverOne(ports: DeliveryPorts & { readonly logger: Logger }, next: DestinationId, end: number) {
  const logger = ports.logger.with({ tenantId: next.tenantId, destinationId: next.id });
  try {
    const outcome = await deliverCheckpoints(ports, next, end);
    if (outcome.kind === 'failed') logger.warn('audit.not_delivered', { reason: outcome.reason });
    else logger.info('audit.delivered', { ...outcome });
  } catch (error) {
    logger.error('audit.delivery_failed', { error });
  }
}

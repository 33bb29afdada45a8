import type { Permission } from '../../../shared/auth/permissions.ts';
import type { StreamRun } from './stream-run.ts';

const USUAL: Permission = 'orchestrate:invoke';

/**
 * Ends the stream of a person who may no longer make requests, or create tasks where it is an attempt at one: their role was taken away, or they were disabled. Without
 * an answer of Postgres the stream goes on. An API key has no roles: what it may do ends with its lease. Does not reject.
 */
export async function lookForAccess(run: StreamRun): Promise<void> {
  const { tenant, ports, logger, task } = run.input;
  const { actor, tenantId } = tenant;
  if (actor.kind !== 'user') return;
  try {
    const membership = await ports.findMembership(tenantId, actor.userId);
    if (!membership?.permissions.includes(task?.permission ?? USUAL)) run.endAccess();
  } catch (error) {
    logger.warn('access.not_checked', { error });
  }
}

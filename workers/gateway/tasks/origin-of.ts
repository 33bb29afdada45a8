import type { Permission } from '../../../shared/auth/permissions.ts';
import type { AppContext } from '../app-context.ts';
import type { TaskOrigin } from './write-order.ts';

/** Who asks for a task of that id, as the middleware has established. */
export function originOf(
  context: AppContext,
  { permission, taskId, batchId = null }: { permission: Permission; taskId: string; batchId?: string | null },
): TaskOrigin {
  const { tenant, trace, ports } = context.var;
  const { now, routing, settings } = ports;
  const { allowsPrivateUpstreams } = settings;
  return { permission, taskId, batchId, tenant, trace, ports: { now, routing, allowsPrivateUpstreams } };
}

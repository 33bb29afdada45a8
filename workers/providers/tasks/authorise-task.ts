import type { TenantContext } from '../../../shared/auth/tenant-context.ts';
import type { TaskFacts } from '../../../shared/contracts/tasks.ts';
import type { TenantSnapshot } from '../../../shared/contracts/tenant-snapshot.ts';
import type { DomainError } from '../../../shared/errors/domain-error.ts';
import { err, ok, type Result } from '../../../shared/errors/result.ts';
import { type PipelinePorts, refusalToDomain, renewAccess } from '../../gateway/pipeline/index.ts';

/** How old the configuration may be by which a task begins. */
const SNAPSHOT_MAX_AGE_MS = 5_000;

/**
 * Whose rights a task runs with, as they are when it begins and not as they were when it was created: a key may have been
 * revoked, a tenant suspended, a role taken away. Fails closed: without an answer it is refused as `unavailable`.
 */
export async function authoriseTask(
  tenantId: string,
  { actor, environmentId, permission }: TaskFacts,
  ports: PipelinePorts,
): Promise<Result<TenantContext, DomainError>> {
  const snapshot = await ports.tenants.find(tenantId, SNAPSHOT_MAX_AGE_MS);
  if (!snapshot) return err(refusalToDomain({ reason: 'unavailable' }));
  if (snapshot.status === 'suspended') return err(refusalToDomain({ reason: 'tenant_suspended' }));
  const base = { tenantId, environmentId, snapshot };
  if (actor.kind === 'user') {
    const membership = await ports.findMembership(tenantId, actor.userId);
    const permissions = new Set(membership?.permissions);
    if (permissions.has(permission)) return ok({ ...base, actor, permissions });
    const detail = `Who created the task does not have the permission ${permission} any more.`;
    return err({ code: 'permission_denied', detail });
  }
  const { apiKeyId, address } = actor;
  const apiKey = keyOf(snapshot, apiKeyId);
  if (!apiKey) return err(refusalToDomain({ reason: 'key_revoked' }));
  const asked: TenantContext = {
    ...base,
    actor: { kind: 'api_key', apiKeyId },
    permissions: new Set(),
    keyUse: { apiKey, address },
  };
  return renewAccess(asked, snapshot, permission, ports.now());
}

function keyOf({ apiKeys }: TenantSnapshot, apiKeyId: string) {
  return apiKeys.find(({ id }) => id === apiKeyId);
}

import type * as z from 'zod';
import type { OrchestrateRequest, queuedResponse } from '../../../shared/contracts/http/orchestrate.ts';
import { taskRequest } from '../../../shared/contracts/http/tasks.ts';
import type { DomainError } from '../../../shared/errors/domain-error.ts';
import { err, ok, type Result } from '../../../shared/errors/result.ts';
import type { AppContext } from '../app-context.ts';
import { readRecord } from '../configuration/read-record.ts';
import { SNAPSHOT_MAX_AGE_MS } from '../constants.ts';
import { refusalToDomain } from '../pipeline/refusal-to-domain.ts';
import { renewAccess } from '../pipeline/renew-access.ts';
import { acceptTask } from './accept-tasks.ts';
import { originOf } from './origin-of.ts';
import { newId } from './task-ids.ts';
import { writeOrder } from './write-order.ts';

const PERMISSION = 'orchestrate:invoke';

/**
 * Makes a task of a request that is `async`. Its route checks who asks by any configuration that is known, since a hold
 * follows; here none does, so it is checked anew.
 */
export async function queueRequest(
  context: AppContext,
  request: OrchestrateRequest,
): Promise<Result<z.infer<typeof queuedResponse>, DomainError>> {
  const ports = context.get('ports');
  const tenant = context.get('tenant');
  const snapshot = await readRecord(context, () => ports.tenants.find(tenant.tenantId, SNAPSHOT_MAX_AGE_MS));
  if (!snapshot.ok) return snapshot;
  if (!snapshot.value) return err(refusalToDomain({ reason: 'unavailable' }));
  const renewed = renewAccess(tenant, snapshot.value, PERMISSION, ports.now());
  if (!renewed.ok) return renewed;
  const taskId = newId(context);
  const origin = { ...originOf(context, { permission: PERMISSION, taskId }), tenant: renewed.value };
  const order = writeOrder(taskRequest.parse(request), origin);
  if (!order.ok) return order;
  const accepted = await acceptTask(context, order.value);
  if (!accepted.ok) return accepted;
  const { traceId } = context.get('trace');
  return ok({ requestId: taskId, status: 'queued', output: null, costUsd: null, latencyMs: null, trace: { traceId } });
}

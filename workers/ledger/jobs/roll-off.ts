import * as z from 'zod';
import { listTenantIds } from '../../../shared/services/list-tenant-ids.ts';
import { rollOffAuditLog } from '../../../shared/services/roll-off-audit-log.ts';
import { rollOffHours } from '../../../shared/services/roll-off-hours.ts';
import { rollOffRequests } from '../../../shared/services/roll-off-requests.ts';
import { BEFORE_ALL } from './before-all.ts';
import type { JobStep } from './job.ts';

const input = z.object({ tenantId: z.uuid().optional() });
const progress = z.object({
  /** Tenants up to this one are done. */
  after: z.string().default(BEFORE_ALL),
  tenants: z.int().default(0),
  /** Requests, and rows of sums by the hour, that were deleted. */
  requests: z.int().default(0),
  hours: z.int().default(0),
  /** Entries of audit logs that were removed. */
  entries: z.int().default(0),
});

/**
 * Lets what plans no longer keep go, tenant by tenant: requests and their events, once they are archived,
 * sums by the hour, and entries of the audit log that a checkpoint covers.
 */
export const rollOffStep: JobStep = async ({ statements, archive, now }, job) => {
  const { tenantId: only } = input.parse(job.input);
  const state = progress.parse(job.progress);
  const tenantId = await nextTenant();
  if (tenantId === undefined) {
    const { after: _, ...result } = state;
    return { result };
  }
  const { day, deleted } = await rollOffRequests({ statements, archive, tenantId, now: now() });
  if (day !== null) return { progress: { ...state, requests: state.requests + deleted } };
  const hours = await rollOffHours({ statements, tenantId, now: now() });
  if (hours > 0) return { progress: { ...state, hours: state.hours + hours } };
  const entries = await rollOffAuditLog({ statements, tenantId });
  if (entries > 0) return { progress: { ...state, entries: state.entries + entries } };
  return { progress: { ...state, after: tenantId, tenants: state.tenants + 1 } };

  async function nextTenant(): Promise<string | undefined> {
    if (only !== undefined) return state.after === only ? undefined : only;
    const [first] = await listTenantIds({ statements, after: state.after });
    return first;
  }
};

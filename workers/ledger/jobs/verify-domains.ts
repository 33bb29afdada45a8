import * as z from 'zod';
import { listTenantIds } from '../../../shared/services/list-tenant-ids.ts';
import { recheckDomains } from '../../../shared/services/recheck-domains.ts';
import { BEFORE_ALL } from './before-all.ts';
import type { JobStep } from './job.ts';

const input = z.object({ tenantId: z.uuid().optional() });
const progress = z.object({
  /** Tenants up to this one are done. */
  after: z.string().default(BEFORE_ALL),
  /** Of the next one, domains up to this one. */
  domain: z.string().default(''),
  seen: z.int().default(0),
  missing: z.int().default(0),
  unverified: z.int().default(0),
  unknown: z.int().default(0),
});

/** Looks all verified domains up, tenant by tenant, and takes those away whose record has been gone for too long. */
export const verifyDomainsStep: JobStep = async ({ statements, lookUpTxt, logger, now }, job) => {
  const { tenantId: only } = input.parse(job.input);
  const state = progress.parse(job.progress);
  const tenantId = await nextTenant();
  if (tenantId === undefined) {
    const { after: _, domain: __, ...result } = state;
    return { result };
  }
  const { last, ...counts } = await recheckDomains({
    ...{ statements, lookUp: lookUpTxt, tenantId, after: state.domain, jobId: job.id, now: now() },
  });
  if (counts.unknown > 0) logger.warn('domains.not_looked_up', { tenantId, domains: counts.unknown });
  const at = last === null ? { after: tenantId, domain: '' } : { domain: last };
  return {
    progress: {
      ...{ ...state, ...at, seen: state.seen + counts.seen, missing: state.missing + counts.missing },
      ...{ unverified: state.unverified + counts.unverified, unknown: state.unknown + counts.unknown },
    },
  };

  async function nextTenant(): Promise<string | undefined> {
    if (only !== undefined) return state.after === only ? undefined : only;
    const [first] = await listTenantIds({ statements, after: state.after });
    return first;
  }
};

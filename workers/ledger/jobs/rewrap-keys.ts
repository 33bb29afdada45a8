import * as z from 'zod';
import { listTenantIds } from '../../../shared/services/list-tenant-ids.ts';
import { resealDirectEnvelopes } from '../../../shared/services/reseal-direct-envelopes.ts';
import { BEFORE_ALL } from './before-all.ts';
import type { JobPorts, JobStep } from './job.ts';

/** Named in the result; every one is in the log. */
const MOST_NAMED = 100;

const progress = z.object({
  /** Tenants up to this one are done; null: not even the platform's own key. */
  after: z.string().nullable().default(null),
  /** The key-encryption key that the vault wraps with, as it last said. */
  primary: z.string().nullable().default(null),
  tenants: z.int().default(0),
  /** Tenant keys that were wrapped anew, and those that were wrapped by the primary already. */
  rewrapped: z.int().default(0),
  current: z.int().default(0),
  /** Values that were sealed again, under their tenant's key. */
  resealed: z.int().default(0),
  refused: z.int().default(0),
  refusals: z.array(z.unknown()).default([]),
});
type Progress = z.infer<typeof progress>;

/**
 * Wraps every tenant's key by the vault's primary key-encryption key, the platform's own first, and has what is still
 * sealed directly under one sealed again under its tenant's key. Nothing else that is sealed changes. Each tenant may be
 * done twice; what cannot be done is named in the result and does not keep others from it, but for a KMS that is away.
 */
export const rewrapKeysStep: JobStep = async (ports, job) => {
  const state = progress.parse(job.progress);
  if (state.after === null) return { progress: { ...(await rewrap(ports, state, '')), after: BEFORE_ALL } };
  const [tenantId] = await listTenantIds({ ...ports, after: state.after });
  if (tenantId === undefined) {
    const { after: _, ...result } = state;
    return { result };
  }
  const rewrapped = await rewrap(ports, state, tenantId);
  const { resealed, refused } = await resealDirectEnvelopes({ ...ports, tenantId });
  const next = refused.reduce((state, refusal) => refuse(ports, state, { tenantId, ...refusal }), rewrapped);
  return {
    progress: { ...next, after: tenantId, tenants: next.tenants + 1, resealed: next.resealed + resealed },
  };
};

async function rewrap(ports: JobPorts, state: Progress, tenantId: string): Promise<Progress> {
  const done = await ports.vault.rewrapKey(tenantId);
  if (!done.ok) {
    if (done.error.reason === 'unavailable') throw new Error('the key-encryption key is not available');
    return refuse(ports, state, { tenantId, reason: done.error.reason });
  }
  const { outcome, primary } = done.value;
  return {
    ...state,
    primary,
    rewrapped: state.rewrapped + (outcome === 'rewrapped' ? 1 : 0),
    current: state.current + (outcome === 'current' ? 1 : 0),
  };
}

function refuse({ logger }: JobPorts, state: Progress, refusal: object): Progress {
  logger.error('rewrap.refused', { ...refusal });
  return { ...state, refused: state.refused + 1, refusals: [...state.refusals, refusal].slice(0, MOST_NAMED) };
}

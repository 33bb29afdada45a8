import type { DomainError, ErrorCode } from '../../../shared/errors/domain-error.ts';
import { err, type Result } from '../../../shared/errors/result.ts';
import type { Admitted } from '../admission/demand.ts';
import type { TenantSession } from '../admission/tenant-session.ts';
import { SNAPSHOT_MAX_AGE_MS, SNAPSHOT_RECHECK_MS } from '../constants.ts';
import { holdPlan } from './hold-for.ts';
import type { PipelineInput } from './pipeline-input.ts';
import { planRequest, type RequestPlan } from './plan-request.ts';
import { refusalToDomain } from './refusal-to-domain.ts';
import { renewAccess } from './renew-access.ts';

/** How often a request is planned anew, each time by a newer configuration. */
const PLANS = 3;

/** Refusals that a newer configuration may not make. */
const OUTLIVED: ReadonlySet<ErrorCode> = new Set(['model_not_allowed', 'residency_refused']);

/** A plan whose most is held: the provider may be called. */
export interface AdmittedPlan extends RequestPlan {
  readonly session: TenantSession;
  readonly admitted: Admitted;
}

/**
 * Plans a request and holds the most that it can use. TenantGate decides by its own configuration: a plan made by an older
 * one is made again. Fails closed: an unreachable TenantGate refuses.
 */
export async function admitRequest(input: PipelineInput): Promise<Result<AdmittedPlan, DomainError>> {
  for (let plans = 1; ; plans++) {
    const plan = planRequest(input);
    if (!plan.ok) {
      if (!OUTLIVED.has(plan.error.code) || plans === PLANS || !(await isOutdated(input))) return plan;
      const refusal = await renew(input);
      if (refusal) return err(refusal);
      continue;
    }
    const { provider, model } = plan.value.candidate.offer;
    input.logFields.provider = provider;
    input.logFields.model = model;
    const held = await holdPlan(input, plan.value);
    if (held.ok) return held;
    if (held.error.reason !== 'stale' || plans === PLANS) {
      if (held.error.reason === 'unavailable') input.logger.error('hold.unavailable');
      return err(refusalToDomain(held.error));
    }
    const refusal = await renew(input);
    if (refusal) return err(refusal);
  }
}

/** If TenantGate has a newer configuration than the request was planned by. */
async function isOutdated({ ports, tenant }: PipelineInput): Promise<boolean> {
  const newest = await ports.tenants.find(tenant.tenantId, SNAPSHOT_RECHECK_MS);
  return newest !== null && newest.configVersion > tenant.snapshot.configVersion;
}

/**
 * Brings the request to the newest configuration, and to the session in which requests begin now. It takes another name
 * there: what was asked under the one before, and whose answer was lost, is about to be canceled.
 */
async function renew(input: PipelineInput): Promise<DomainError | null> {
  const { ports, tenant } = input;
  const snapshot = await ports.tenants.find(tenant.tenantId, SNAPSHOT_MAX_AGE_MS);
  if (!snapshot) return refusalToDomain({ reason: 'unavailable' });
  beginAnew(input);
  const renewed = renewAccess(tenant, snapshot, input.task?.permission ?? 'orchestrate:invoke', ports.now());
  if (!renewed.ok) return renewed.error;
  input.tenant = renewed.value;
  return null;
}

/**
 * Takes another name for a request, from where requests begin now; nobody is told of the one before. Of the names of an old
 * session, those that it did not tell of are void.
 */
export function beginAnew(input: PipelineInput): void {
  const session = input.ports.sessions.of(input.tenant.tenantId);
  const { requestId, index } = session.nextRequest();
  input.session = session;
  input.requestId = requestId;
  input.requestIndex = index;
  input.logger = input.rename(requestId);
}

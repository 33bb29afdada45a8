import type { TenantContext } from '../../../shared/auth/tenant-context.ts';
import type { DomainError } from '../../../shared/errors/domain-error.ts';
import { err, ok, type Result } from '../../../shared/errors/result.ts';
import { findMember, findMemberById, type Member } from '../../../shared/services/find-member.ts';
import type { AppContext } from '../app-context.ts';
import { SNAPSHOT_MAX_AGE_MS } from '../constants.ts';
import { identityUnavailable, unauthenticated } from './refusals.ts';
import { sessionOfRequest } from './session-of-request.ts';

const NOT_A_MEMBER: DomainError = {
  code: 'tenant_mismatch',
  detail: 'You are not a member of the tenant in X-Tenant-Id.',
};

export const INVALID_TOKEN = 'The access token is not valid here: expired, altered, or from another issuer.';

/** The member whose access token a request carries, in the tenant that it names. */
export async function memberByAccessToken(
  context: AppContext,
  tenantId: string,
  token: string,
): Promise<Result<TenantContext, DomainError>> {
  const { verifyAccessToken, db } = context.get('ports');
  const verified = await verifyAccessToken(token, tenantId);
  if (!verified.ok)
    return err(verified.error === 'unavailable' ? identityUnavailable() : unauthenticated(INVALID_TOKEN));
  const { homeEnvironmentId, ...subject } = verified.value;
  return await enterTenant(context, tenantId, homeEnvironmentId, () => findMember({ db, tenantId, ...subject }));
}

/** The member whose session cookie a request carries, likewise. Null when it carries none that is alive. */
export async function memberBySession(
  context: AppContext,
  tenantId: string,
): Promise<Result<TenantContext | null, DomainError>> {
  const session = await sessionOfRequest(context);
  if (!session.ok || session.value === null) return session.ok ? ok(null) : session;
  const { userId, homeTenantId, homeEnvironmentId } = session.value;
  if (homeTenantId !== null && homeTenantId !== tenantId) return err(NOT_A_MEMBER);
  const { db } = context.get('ports');
  return await enterTenant(context, tenantId, homeEnvironmentId, () => findMemberById({ db, tenantId, userId }));
}

/**
 * `onlyEnvironmentId`: the one environment that an identity provider may bring people into; null: all. Membership comes
 * first: for who has none, nothing is asked of a tenant that is there which is not asked of one that is not.
 */
async function enterTenant(
  context: AppContext,
  tenantId: string,
  onlyEnvironmentId: string | null,
  find: () => Promise<Member | null>,
): Promise<Result<TenantContext, DomainError>> {
  const member = await find();
  if (!member) return err(NOT_A_MEMBER);
  const snapshot = await context.get('ports').tenants.find(tenantId, SNAPSHOT_MAX_AGE_MS);
  if (!snapshot) return err(NOT_A_MEMBER);
  const actor = { kind: 'user', userId: member.userId } as const;
  context.set('asker', { tenantId, actor });
  const environmentId = context.req.header('x-env-id')?.toLowerCase() ?? onlyEnvironmentId;
  if (environmentId !== null && !snapshot.environments.some(({ id }) => id === environmentId)) {
    return err({ code: 'environment_mismatch', detail: 'X-Env-Id names no environment of this tenant.' });
  }
  if (onlyEnvironmentId !== null && environmentId !== onlyEnvironmentId) {
    return err({ code: 'environment_mismatch', detail: 'Your identity provider is for another environment.' });
  }
  return ok({
    tenantId,
    actor,
    environmentId,
    permissions: new Set(member.permissions),
    snapshot,
    ...(onlyEnvironmentId !== null && { homeEnvironmentId: onlyEnvironmentId }),
  });
}

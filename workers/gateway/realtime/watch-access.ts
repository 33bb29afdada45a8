import type { AccessRefusal } from '../../../shared/contracts/events.ts';
import type { AppContext } from '../app-context.ts';
import { sentCredentials } from '../identity/sent-credentials.ts';
import { sessionOfRequest } from '../identity/session-of-request.ts';
import { ACCESS_LOOK_MS } from './constants.ts';

/**
 * Looks now and then whether a person may still read, and says so once when they may not: their session or token has
 * ended, or their role was taken away. What cannot be asked leaves them as they are. A key is the hub's to look after.
 * Answers what ends the watch.
 */
export function watchAccess(context: AppContext, onRefused: (reason: AccessRefusal) => void): () => void {
  const { actor } = context.get('tenant');
  if (actor.kind !== 'user') return () => {};
  const timer = setInterval(async () => {
    try {
      const refusal = await refuse(context, actor.userId);
      if (!refusal) return;
      clearInterval(timer);
      onRefused(refusal);
    } catch (error) {
      context.get('logger').warn('access.not_checked', { error });
    }
  }, ACCESS_LOOK_MS);
  return () => clearInterval(timer);
}

async function refuse(context: AppContext, userId: string): Promise<AccessRefusal | null> {
  const { tenantId } = context.get('tenant');
  const { findMembership } = context.get('ports');
  if (!(await isCredentialAlive(context, tenantId))) return 'unauthenticated';
  const membership = await findMembership(tenantId, userId);
  if (membership?.status === 'suspended') return 'tenant_suspended';
  return membership?.permissions.includes('events:read') ? null : 'permission_denied';
}

async function isCredentialAlive(context: AppContext, tenantId: string): Promise<boolean> {
  const { bearer } = sentCredentials(context);
  if (bearer === undefined) return (await sessionOfRequest(context)).ok;
  const verified = await context.get('ports').verifyAccessToken(bearer, tenantId);
  return verified.ok || verified.error === 'unavailable';
}

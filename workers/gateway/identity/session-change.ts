import type { SessionChange } from '../../../shared/services/audit-session.ts';
import type { AppContext } from '../app-context.ts';
import { changeContext } from '../configuration/apply-change.ts';

/** By which request sessions begin or end, for the audit log. */
export function sessionChange(context: AppContext): SessionChange {
  const { db, requestId, ip, userAgent } = changeContext(context, {
    ...{ tenantId: '', actor: { kind: 'user', userId: '' } }, // which it has none of
  });
  return { db, requestId, ip, userAgent, now: context.get('ports').now() };
}

import { matchedRoutes } from 'hono/route';
import type { ErrorCode } from '../../../shared/errors/domain-error.ts';
import type { AppContext } from '../app-context.ts';
import { changeContext } from '../configuration/apply-change.ts';
import { servedAt } from '../served-at.ts';

/** Errors that say that who asked is known and may not. One whose credential is not valid is not known. */
const DENIED: ReadonlySet<unknown> = new Set<ErrorCode>([
  'permission_denied',
  'tenant_mismatch',
  'environment_mismatch',
  'tenant_suspended',
  'address_not_allowed',
  'model_not_allowed',
  'residency_refused',
]);

/**
 * Has a request that was refused told of in the audit log of the tenant whose key or member made it. Who is neither is in no
 * tenant's log: whoever knows a tenant's id could write in it.
 */
export function noteDenial(context: AppContext): void {
  const { code } = context.get('logFields');
  const asker = context.get('asker');
  if (!asker || !DENIED.has(code)) return;
  const { tenantId, actor, requestId, ip, userAgent } = changeContext(context, asker);
  const place = { ip, userAgent, servedAt: servedAt(context) };
  context.get('ports').denials.note(
    {
      ...{ tenantId, action: 'access.denied', requestId, route: routeOf(context), reason: String(code), ...place },
      actorUserId: actor.kind === 'user' ? actor.userId : null,
      actorApiKeyId: actor.kind === 'api_key' ? actor.apiKeyId : null,
    },
    (work) => context.executionCtx.waitUntil(work),
  );
}

/** Has a sign-in that was not completed told of in the log of the tenant whose identity provider it was at. */
export function noteRefusedSignIn(context: AppContext, tenantId: string, reason: string): void {
  const { requestId, ip, userAgent } = changeContext(context, { tenantId, actor: { kind: 'user', userId: '' } });
  context.get('ports').denials.note(
    {
      ...{ tenantId, action: 'session.refused', requestId, ip, userAgent, route: routeOf(context), reason },
      servedAt: servedAt(context),
      ...{ actorUserId: null, actorApiKeyId: null },
    },
    (work) => context.executionCtx.waitUntil(work),
  );
}

/** As openapi.json has it: the path without any id. */
function routeOf(context: AppContext): string {
  const path = matchedRoutes(context).find((route) => !route.path.endsWith('*'))?.path ?? '';
  return `${context.req.method} ${path.replaceAll(/:(\w+)/g, '{$1}')}`;
}

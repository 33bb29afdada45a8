import type { TaskChanger } from '../../../shared/contracts/tasks.ts';
import type { AppContext } from '../app-context.ts';
import { changeContext } from '../configuration/apply-change.ts';

/** Who changes a task by this request, for the audit log. */
export function changerOf(context: AppContext): TaskChanger {
  const { actor, requestId, ip, userAgent, servedAt } = changeContext(context);
  return {
    actorUserId: actor.kind === 'user' ? actor.userId : null,
    actorApiKeyId: actor.kind === 'api_key' ? actor.apiKeyId : null,
    ...{ requestId, ip, userAgent },
    ...(servedAt && { servedAt }),
  };
}

import type { Opener } from '../contracts/rpc.ts';
import type { Actor } from './tenant-context.ts';

/** For whom the vault opens a value on behalf of a request. */
export function openerOf(actor: Actor, requestId: string): Opener {
  return {
    actorUserId: actor.kind === 'user' ? actor.userId : null,
    actorApiKeyId: actor.kind === 'api_key' ? actor.apiKeyId : null,
    requestId,
  };
}

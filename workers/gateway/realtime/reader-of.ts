import type { TenantContext } from '../../../shared/auth/tenant-context.ts';
import { FIRST_SUBSCRIPTION } from '../../../shared/contracts/event-socket.ts';
import type { EventFilter, Reader } from '../../../shared/contracts/events.ts';
import type { EventChoice } from '../../../shared/contracts/http/events.ts';
import { CONNECTION_LIFE_MS } from '../../../shared/domain/events/constants.ts';
import { confine } from '../../../shared/domain/events/event-filter.ts';
import type { DomainError } from '../../../shared/errors/domain-error.ts';
import { err, ok, type Result } from '../../../shared/errors/result.ts';

interface Asked {
  readonly tenant: TenantContext;
  readonly choice: EventChoice;
  readonly via: Reader['via'];
  readonly follows: boolean;
  /** The environment that the request names in its header. */
  readonly namedEnvironmentId: string | undefined;
  readonly now: number;
}

/** Who asks to read, and what. A key sees all of its tenant's events, as of its requests and tasks, unless it names an environment. */
export function readerOf({
  tenant,
  choice,
  via,
  follows,
  namedEnvironmentId,
  now,
}: Asked): Result<Reader, DomainError> {
  const { actor, environmentId, keyUse } = tenant;
  const { types, taskId, apiKeyId, cursor } = choice;
  const within = actor.kind === 'user' ? environmentId : (namedEnvironmentId ?? null);
  const filter: EventFilter = {
    ...(types && types.length < 3 && { types }),
    ...(choice.environmentId !== undefined && { environmentId: choice.environmentId }),
    ...(taskId !== undefined && { taskId }),
    ...(apiKeyId !== undefined && { apiKeyId }),
  };
  const confined = confine(filter, within);
  if (!confined) return err({ code: 'environment_mismatch', detail: 'X-Env-Id names another environment.' });
  if (actor.kind === 'scim_token') return err({ code: 'permission_denied', detail: 'A SCIM token reads no events.' });
  const address = keyUse?.address ?? null;
  const expiresAt = keyUse?.apiKey.expiresAt ?? Number.POSITIVE_INFINITY;
  return ok({
    v: 1,
    actor: actor.kind === 'api_key' ? { ...actor, address } : actor,
    ...{ via, follows, within, filters: { [FIRST_SUBSCRIPTION]: confined }, cursor: cursor ?? null },
    until: Math.min(now + CONNECTION_LIFE_MS, expiresAt),
  });
}

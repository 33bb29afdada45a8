import type { KeyMaker } from '../../../../shared/services/create-api-key.ts';
import type { AppContext } from '../../app-context.ts';

/** Who makes or changes a key by this request: with their rights, and with those alone that the key they use has. */
export function keyMaker(context: AppContext): KeyMaker {
  const { tenantId, environmentId, permissions, snapshot, keyUse, homeEnvironmentId } = context.get('tenant');
  const { apiKeys, now } = context.get('ports');
  return {
    environmentId,
    permissions,
    apiKey: keyUse?.apiKey ?? null,
    homeEnvironmentId: homeEnvironmentId ?? null,
    mint: (environment) => apiKeys.mint({ region: snapshot.region, environment, tenantId }),
    now: now(),
  };
}

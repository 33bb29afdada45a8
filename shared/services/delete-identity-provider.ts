import type { Result } from '../errors/result.ts';
import { type ChangeContext, type ChangeRefusal, deleteConfiguration } from './change-configuration.ts';
import { IDENTITY_PROVIDERS } from './identity-provider-fields.ts';

/** Removes an identity provider, with its audit row. The people whom it brought stay, and can no longer sign in. */
export function deleteIdentityProvider(by: ChangeContext, id: string): Promise<Result<unknown, ChangeRefusal>> {
  return deleteConfiguration(by, IDENTITY_PROVIDERS, id);
}

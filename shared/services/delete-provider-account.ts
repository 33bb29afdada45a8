import type { Result } from '../errors/result.ts';
import { type ChangeContext, type ChangeRefusal, deleteConfiguration } from './change-configuration.ts';
import { PROVIDER_ACCOUNTS } from './provider-account-fields.ts';

/** Removes an account and its sealed credentials, with its audit row. */
export function deleteProviderAccount(by: ChangeContext, id: string): Promise<Result<unknown, ChangeRefusal>> {
  return deleteConfiguration(by, PROVIDER_ACCOUNTS, id);
}

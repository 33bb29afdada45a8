import type { ProviderAccount, ProviderAccountChange } from '../contracts/http/providers.ts';
import type { Result } from '../errors/result.ts';
import { type ChangeContext, type ChangeRefusal, updateConfiguration } from './change-configuration.ts';
import { accountOutcome, PROVIDER_ACCOUNTS } from './provider-account-fields.ts';

/** Renames an account, with its audit row. Where it sends its credentials changes with them only. */
export async function updateProviderAccount(
  by: ChangeContext,
  id: string,
  { accountLabel }: ProviderAccountChange,
): Promise<Result<ProviderAccount, ChangeRefusal>> {
  return accountOutcome(await updateConfiguration(by, PROVIDER_ACCOUNTS, id, { account_label: accountLabel }, {}));
}

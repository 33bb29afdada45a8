import { uuidv7 } from 'uuidv7';
import type { ProviderAccount, ProviderAccountInput } from '../contracts/http/providers.ts';
import type { Result } from '../errors/result.ts';
import { type ChangeContext, type ChangeRefusal, insertConfiguration } from './change-configuration.ts';
import { accountOutcome, PROVIDER_ACCOUNTS, type SealFor } from './provider-account-fields.ts';

/** Adds an account with its sealed credentials, and its audit row. Does not ask the provider if they are good. */
export async function createProviderAccount(
  by: ChangeContext,
  seal: SealFor,
  { provider, accountLabel, credentials, baseUrl, region }: ProviderAccountInput,
): Promise<Result<ProviderAccount, ChangeRefusal>> {
  const id = uuidv7();
  const row = {
    id,
    provider,
    account_label: accountLabel,
    base_url: baseUrl,
    region,
    encrypted_credentials: await seal(id, JSON.stringify(credentials)),
  };
  return accountOutcome(await insertConfiguration(by, PROVIDER_ACCOUNTS, row, {}));
}

import { sql } from 'drizzle-orm';
import { type ProviderAccount, providerAccount } from '../contracts/http/providers.ts';
import { providerAccounts } from '../db/schema/configuration.ts';
import { describePlace } from '../domain/routing/endpoint-of.ts';
import { err, type Result } from '../errors/result.ts';
import type { ChangeRefusal, ConfigurationTable } from './change-configuration.ts';
import { createdAtText, isoText } from './configuration-columns.ts';

/** Nothing of the credentials. */
export const PROVIDER_ACCOUNTS: ConfigurationTable = {
  table: providerAccounts,
  target: 'provider_account',
  fields: sql`jsonb_build_object('id', id, 'provider', provider, 'accountLabel', account_label, 'baseUrl', base_url,
    'region', region, 'credentialsUpdatedAt', ${isoText('credentials_updated_at')}, 'createdAt', ${createdAtText})`,
};

/** How an account's credentials are sealed: for the row of this id alone. */
export type SealFor = (id: string, plaintext: string) => Promise<string>;

const stored = providerAccount.omit({ endpoint: true });

/** A row's fields as clients see them. */
export function toProviderAccount(fields: unknown): ProviderAccount {
  const account = stored.parse(fields);
  return { ...account, endpoint: describePlace({ ...account, region: account.region ?? undefined }) };
}

/** What was changed as clients see it; of a label that is taken it is said which field it is. */
export function accountOutcome(changed: Result<unknown, ChangeRefusal>): Result<ProviderAccount, ChangeRefusal> {
  if (changed.ok) return { ok: true, value: toProviderAccount(changed.value) };
  return changed.error.reason === 'name_taken' ? err({ reason: 'name_taken', field: 'accountLabel' }) : changed;
}

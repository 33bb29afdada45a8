import { sql } from 'drizzle-orm';
import type { ProviderAccount, ProviderAccountRotation } from '../contracts/http/providers.ts';
import type { Result } from '../errors/result.ts';
import { type ChangeContext, type ChangeRefusal, updateConfiguration } from './change-configuration.ts';
import { givenColumns } from './configuration-columns.ts';
import { accountOutcome, PROVIDER_ACCOUNTS, type SealFor } from './provider-account-fields.ts';

const BLOCKED = 'An account of openai-compatible needs a baseUrl.';

/**
 * Replaces an account's credentials, and where they are sent if that is said, with its audit row. An address never changes
 * alone: it would send credentials that nobody can read to a place that anybody may name.
 */
export async function rotateProviderCredentials(
  by: ChangeContext,
  seal: SealFor,
  id: string,
  { credentials, baseUrl, region }: ProviderAccountRotation,
): Promise<Result<ProviderAccount, ChangeRefusal>> {
  const row = givenColumns({
    base_url: baseUrl,
    region: region === undefined && baseUrl !== undefined ? null : region,
    encrypted_credentials: await seal(id, JSON.stringify(credentials)),
    credentials_updated_at: new Date().toISOString(),
  });
  const condition = baseUrl === null ? sql`provider <> 'openai-compatible'` : sql`true`;
  const rotated = { verb: 'credentials_rotated', condition, blocked: BLOCKED };
  return accountOutcome(await updateConfiguration(by, PROVIDER_ACCOUNTS, id, row, {}, rotated));
}

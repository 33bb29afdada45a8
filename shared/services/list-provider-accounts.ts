import { eq, sql } from 'drizzle-orm';
import type { Page, PageQuery } from '../contracts/http/page.ts';
import type { ProviderAccount } from '../contracts/http/providers.ts';
import type { SnapshotProviderAccount } from '../contracts/tenant-snapshot.ts';
import type { Database } from '../db/client.ts';
import { providerAccounts } from '../db/schema/configuration.ts';
import { withTenant } from '../db/with-tenant.ts';
import { listConfiguration } from './list-configuration.ts';
import { PROVIDER_ACCOUNTS, toProviderAccount } from './provider-account-fields.ts';

interface Wanted {
  readonly db: Database;
  readonly tenantId: string;
}

/** A page of a tenant's accounts, oldest first. */
export async function listProviderAccounts(
  input: Wanted & { readonly page: PageQuery },
): Promise<Page<ProviderAccount>> {
  const { data, nextCursor } = await listConfiguration({ ...input, kind: PROVIDER_ACCOUNTS });
  return { data: data.map(toProviderAccount), nextCursor };
}

/** One of them; null when the tenant has none of this id. */
export async function getProviderAccount(input: Wanted & { readonly id: string }): Promise<ProviderAccount | null> {
  const page = { limit: 1 };
  const condition = sql`id = ${input.id}`;
  const found = await listConfiguration({ ...input, kind: PROVIDER_ACCOUNTS, page, condition });
  return found.data[0] === undefined ? null : toProviderAccount(found.data[0]);
}

/** One of them as the data plane has it, with its sealed credentials. */
export async function findSealedAccount(
  input: Wanted & { readonly id: string },
): Promise<SnapshotProviderAccount | null> {
  const {
    id,
    provider,
    accountLabel: label,
    baseUrl,
    encryptedCredentials: sealedCredentials,
    region,
  } = providerAccounts;
  const [[found]] = await withTenant(input.db, input.tenantId, (db) => [
    db
      .select({ id, provider, label, baseUrl, sealedCredentials, region })
      .from(providerAccounts)
      .where(eq(id, input.id)),
  ]);
  if (!found) return null;
  const { region: named, ...account } = found;
  return { ...account, ...(named && { region: named }) };
}

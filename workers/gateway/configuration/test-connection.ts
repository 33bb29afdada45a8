import { openerOf } from '../../../shared/auth/opener-of.ts';
import type { ConnectionTest } from '../../../shared/contracts/http/providers.ts';
import type { SnapshotProviderAccount } from '../../../shared/contracts/tenant-snapshot.ts';
import { endpointOf } from '../../../shared/domain/routing/endpoint-of.ts';
import type { DomainError } from '../../../shared/errors/domain-error.ts';
import { err, ok, type Result } from '../../../shared/errors/result.ts';
import { ProviderError } from '../../../shared/providers/provider-error.ts';
import { adapterFor } from '../../../shared/providers/registry.ts';
import type { AppContext } from '../app-context.ts';
import { CONNECTION_TEST_TIMEOUT_MS, UNAVAILABLE_RETRY_MS } from '../constants.ts';
import { providerErrorToDomain } from '../pipeline/provider-error-to-domain.ts';
import { readRecord } from './read-record.ts';

/**
 * Opens an account's credentials and makes one call to its provider that costs nothing. What the provider answers is the
 * outcome, good or bad; only credentials that cannot be opened are an error. Holds and records nothing but the opening.
 */
export async function testConnection(
  context: AppContext,
  account: SnapshotProviderAccount,
): Promise<Result<ConnectionTest, DomainError>> {
  const { ports, tenant, logger } = context.var;
  const by = openerOf(tenant.actor, context.get('requestId'));
  const opened = await readRecord(context, () => ports.credentials.open(tenant.tenantId, account, by));
  if (!opened.ok) return opened;
  if (!opened.value.ok) {
    logger.error('connection_test.not_opened', { accountId: account.id, reason: opened.value.error.reason });
    const detail = 'The account’s credentials cannot be opened now.';
    return err({ code: 'unavailable', detail, retryAfterMs: UNAVAILABLE_RETRY_MS });
  }
  const startedAt = ports.now();
  const outcome = await verify(context, account, opened.value.value);
  return ok({ ...outcome, latencyMs: ports.now() - startedAt });
}

async function verify(
  context: AppContext,
  account: SnapshotProviderAccount,
  credentials: { readonly apiKey: string; readonly accessToken?: string },
): Promise<Omit<ConnectionTest, 'latencyMs'>> {
  const { ports, logger } = context.var;
  const { provider } = account;
  const { baseUrl } = endpointOf(account, '');
  const adapter = adapterFor(provider);
  if (!adapter.verify) return { isConnected: false, code: 'not_supported', detail: 'This provider has no test.' };
  try {
    await adapter.verify({
      credentials,
      ...(baseUrl !== null && { baseUrl }),
      fetch: ports.fetch,
      now: ports.now,
      generateId: () => crypto.randomUUID(),
      abortSignal: AbortSignal.timeout(CONNECTION_TEST_TIMEOUT_MS),
    });
    return { isConnected: true, code: null, detail: null };
  } catch (error) {
    if (!(error instanceof ProviderError)) throw error;
    logger.info('connection_test.failed', { provider, error });
    const { code, detail } = providerErrorToDomain(error);
    return { isConnected: false, code, detail };
  }
}

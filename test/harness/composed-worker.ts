import type { GatewayEnv } from '../../workers/gateway/env.ts';
import gateway from '../../workers/gateway/index.ts';
import type { LedgerEnv } from '../../workers/ledger/env.ts';
import Ledger from '../../workers/ledger/index.ts';
import type { ProvidersEnv } from '../../workers/providers/env.ts';
import Providers from '../../workers/providers/index.ts';

export { EventHub, IdempotencyStore, ResponseCache, TenantGate } from '../../durable-objects/index.ts';
export { Vault } from '../../workers/providers/index.ts';
export { LedgersMemberships as Memberships } from './ledgers-memberships.ts';
export { PlayedTaskRunner as TaskRunner } from './played-task-runner.ts';

/** Bindings of all scripts together. Gateway and ledger connect to Postgres as different roles, here as in production. */
export interface ComposedEnv extends GatewayEnv, LedgerEnv, ProvidersEnv {
  readonly LEDGER_DATABASE_URL: string;
  readonly VAULT_KEYS: string;
  /** The owner of the test's database, for tests that prepare or inspect rows. */
  readonly OWNER_DATABASE_URL: string;
  /** The provider mock, one that plays scripts, and a port where nothing listens. */
  readonly PROVIDER_URL: string;
  readonly SCRIPTED_PROVIDER_URL: string;
  readonly CLOSED_URL: string;
  /** A signed access token of a member; see global-setup.ts. */
  readonly MEMBER_TOKEN: string;
  readonly MEMBER_SUBJECT: string;
  /** An issuer that is not the platform's, with its private key (JWK); the client is the same at both. */
  readonly TENANT_ISSUER: string;
  readonly TENANT_SIGNING_KEY: string;
  /** The identity provider's private key, as a JWK. */
  readonly SIGNING_KEY: string;
  /** Where mails that were sent can be read. */
  readonly INBOX_URL: string;
  /** Where a test publishes DNS records; see dns-resolver.ts. */
  readonly DNS_ZONE_URL: string;
}

function ledger(env: ComposedEnv, context: ExecutionContext): Ledger {
  return new Ledger(context, { ...env, DATABASE_URL: env.LEDGER_DATABASE_URL });
}

/** The four scripts as one: the same entry points, told apart only by what they are called for. */
export default {
  fetch: (request, env, context) => gateway.fetch(request, env, context),
  queue: (batch, env, context) =>
    batch.queue === 'tasks' ? new Providers(context, env).queue(batch) : ledger(env, context).queue(batch),
  scheduled: (controller, env, context) => ledger(env, context).scheduled(controller),
} satisfies ExportedHandler<ComposedEnv>;

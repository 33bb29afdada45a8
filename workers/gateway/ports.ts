import type { KeyScope } from '../../durable-objects/stubs.ts';
import type { IdempotencyStoreRpc } from '../../shared/contracts/idempotency.ts';
import type { ResponseCacheRpc } from '../../shared/contracts/response-cache.ts';
import type { MembershipRpcReply, TenantGateRpc, VaultRpc } from '../../shared/contracts/rpc.ts';
import type { TaskRunnerRpc } from '../../shared/contracts/tasks.ts';
import type { Database } from '../../shared/db/client.ts';
import type { Logger } from '../../shared/platform/logger.ts';
import type { LookUpTxt } from '../../shared/platform/look-up-txt.ts';
import type { Spans } from '../../shared/platform/spans.ts';
import type { TenantSessions } from './admission/tenant-sessions.ts';
import type { Denials } from './audit/denials.ts';
import type { GatewaySettings } from './env.ts';
import type { VerifyAccessToken } from './identity/access-token-verifier.ts';
import type { ApiKeyDirectory } from './identity/api-key-directory.ts';
import type { IdentityProviderDirectory } from './identity/identity-provider-directory.ts';
import type { KeyUses } from './identity/key-uses.ts';
import type { OpenIdIssuers } from './identity/openid-issuers.ts';
import type { TenantDirectory } from './identity/tenant-directory.ts';
import type { Mailer } from './mail/mailer.ts';
import type { CredentialCache } from './pipeline/credential-cache.ts';
import type { ProviderHealth } from './pipeline/provider-health.ts';
import type { RetryBudgets } from './pipeline/retry-budgets.ts';
import type { RoutingWorld } from './pipeline/routing-facts.ts';

/** What a request needs on its way through the pipeline, wherever that runs. */
export interface PipelinePorts {
  readonly spans: Spans;
  /** `publicFetch`: calls nothing that a tenant may not name, and follows no redirect. */
  readonly fetch: typeof fetch;
  now(): number;
  readonly credentials: CredentialCache;
  readonly retryBudgets: RetryBudgets;
  readonly health: ProviderHealth;
  readonly routing: RoutingWorld;
  readonly sessions: TenantSessions;
  readonly tenants: TenantDirectory;
  /** Fails open: stored answers are a help and no more. */
  responseCache(tenantId: string, familyHash: string): ResponseCacheRpc;
  /** What a person may do in a tenant now. Fails closed where something begins, open where it runs. */
  findMembership(tenantId: string, userId: string): Promise<MembershipRpcReply | null>;
}

/** Everything outside the gateway that a request may touch; made once per isolate. */
export interface GatewayPorts extends PipelinePorts {
  readonly settings: GatewaySettings;
  readonly logger: Logger;
  /** Fails closed: without its TenantGate no request of a tenant reaches a provider. */
  gate(tenantId: string, shard?: number): TenantGateRpc;
  /** All that have stored answers of a tenant. */
  responseCaches(tenantId: string): readonly Pick<ResponseCacheRpc, 'purge'>[];
  /** Fails closed: a key that cannot be looked up is refused. Requests without a key do without it. */
  idempotencyStore(scope: KeyScope, shard: number): IdempotencyStoreRpc;
  /** Fails closed: without it no credential can be opened. */
  readonly vault: VaultRpc;
  /** Fails closed: without its runner no task is accepted. `runner` is one of those that the tenant's tasks are spread over. */
  taskRunner(tenantId: string, runner: number): TaskRunnerRpc;
  /** Fails closed: without it no event is read. It answers upgrades of those who were authenticated. */
  eventHub(tenantId: string, shard: number): Pick<Fetcher, 'fetch'>;
  readonly apiKeys: ApiKeyDirectory;
  /** Fails open. */
  readonly keyUses: KeyUses;
  /** Fails open. */
  readonly denials: Denials;
  /** Fails closed: without the issuer's keys no access token is accepted. */
  readonly verifyAccessToken: VerifyAccessToken;
  readonly identityProviders: IdentityProviderDirectory;
  /** Fails closed: without its issuer nobody signs in. */
  readonly issuers: OpenIdIssuers;
  /** Postgres, as the role that row-level security binds. The data plane does without it. */
  readonly db: Database;
  /** Fails closed: without DNS no domain is verified. */
  readonly lookUpTxt: LookUpTxt;
  /** Null: no mail server is configured, and people hand over links. */
  readonly mailer: Mailer | null;
  /** Cheap calls that tell if a dependency answers. */
  readonly probes: { readonly postgres: () => Promise<void>; readonly identity: () => Promise<void> };
}

import type { EventBindings, StubBindings, TaskStubBindings } from '../../durable-objects/stubs.ts';
import type { VaultRpc } from '../../shared/contracts/rpc.ts';
import type { PlatformVars } from '../../shared/platform/platform-vars.ts';

/** Bindings of the `ledger` script. `NEON_ENDPOINT` is the driver's endpoint setting, empty outside development. */
export interface LedgerEnv extends PlatformVars, StubBindings, TaskStubBindings, EventBindings {
  readonly DATABASE_URL: string;
  readonly NEON_ENDPOINT: string;
  /** Where domains are looked up: DNS over HTTPS. */
  readonly DNS_RESOLVER_URL: string;
  /** `true` in a development alone: tenants may have checkpoints sent to private hosts. Any other value is `false`. */
  readonly ALLOW_PRIVATE_UPSTREAMS: string;
  /** Where requests go before they leave Postgres; in the jurisdiction of the deployment. */
  readonly ARCHIVE: R2Bucket;
  readonly VAULT: VaultRpc;
  /** Where signed checkpoints of audit logs go; in the same jurisdiction, and under a lock. */
  readonly AUDIT_ANCHORS: R2Bucket;
  /** Signs them: a private Ed25519 key as a JWK. */
  readonly AUDIT_SIGNING_KEY: string;
}

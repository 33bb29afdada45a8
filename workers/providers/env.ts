import type { CacheBindings, StubBindings, TaskStubBindings } from '../../durable-objects/stubs.ts';
import type { TasksDue } from '../../shared/contracts/queues.ts';
import type { MembershipsRpc, VaultRpc } from '../../shared/contracts/rpc.ts';
import type { PlatformVars } from '../../shared/platform/platform-vars.ts';

/** Bindings of the `providers` script: the only one that holds key-encryption keys. It has no database. */
export interface ProvidersEnv extends PlatformVars, StubBindings, TaskStubBindings, CacheBindings {
  readonly VAULT_KEYS: string;
  /** As in `GatewayEnv`. */
  readonly ALLOW_PRIVATE_UPSTREAMS: string;
  /** Its own vault, called as the other scripts call it. */
  readonly VAULT: VaultRpc;
  readonly MEMBERSHIPS: MembershipsRpc;
  readonly TASKS: Queue<TasksDue>;
}

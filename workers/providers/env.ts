import type { StubBindings } from '../../durable-objects/stubs.ts';
import type { PlatformVars } from '../../shared/platform/platform-vars.ts';

/** Bindings of the `providers` script: the only one that holds key-encryption keys. */
export interface ProvidersEnv extends PlatformVars, StubBindings {
  readonly VAULT_KEYS: string;
}

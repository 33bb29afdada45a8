import type { PlatformVars } from '../../shared/platform/platform-vars.ts';

/** Bindings of the `providers` script: the only one that holds key-encryption keys. */
export interface ProvidersEnv extends PlatformVars {
  readonly VAULT_KEYS: string;
}

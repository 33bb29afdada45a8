import { WorkerEntrypoint } from 'cloudflare:workers';
import type { ProvidersEnv } from './env.ts';

export { Vault } from './vault/vault.ts';

/** The `providers` script offers the vault to the other scripts; nothing answers it over HTTP. */
export default class Providers extends WorkerEntrypoint<ProvidersEnv> {
  override fetch(): Response {
    return new Response(null, { status: 404 });
  }
}

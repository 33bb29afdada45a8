import type { ComposedEnv } from './composed-worker.ts';

/** Types `env` and `exports` of `cloudflare:workers` as the composed Worker's. */
declare global {
  namespace Cloudflare {
    interface Env extends ComposedEnv {}
    interface GlobalProps {
      mainModule: typeof import('./composed-worker.ts');
    }
  }
}

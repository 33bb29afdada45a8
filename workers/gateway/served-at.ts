import type { ServedAt } from '../../shared/contracts/residency.ts';
import type { AppContext } from './app-context.ts';

const COLO = /^[A-Z]{3}$/;

/** The data centre that took a request in, as Cloudflare names it, and whose objects it goes through. */
export function servedAt(context: AppContext): ServedAt {
  const colo = context.req.raw.cf?.colo;
  const { jurisdiction } = context.get('ports').settings;
  return { colo: typeof colo === 'string' && COLO.test(colo) ? colo : null, jurisdiction };
}

import { createRoute, type RouteHandler } from '@hono/zod-openapi';
import { readiness } from '../../../../shared/contracts/http/health.ts';
import type { AppContext, AppTypes } from '../../app-context.ts';
import { PROBE_TENANT_ID, PROBE_TIMEOUT_MS, UNAVAILABLE_RETRY_MS } from '../../constants.ts';

export const getReadinessRoute = createRoute({
  method: 'get',
  path: '/readyz',
  operationId: 'getReadiness',
  tags: ['Platform'],
  summary: 'Readiness, by dependency',
  description:
    'Ready or degraded: known tenants are served. Unavailable (503): a dependency that serving needs is down.',
  security: [],
  responses: {
    200: { description: 'Ready or degraded.', content: { 'application/json': { schema: readiness } } },
    503: { description: 'Unavailable.', content: { 'application/json': { schema: readiness } } },
  },
});

export const handleGetReadiness: RouteHandler<typeof getReadinessRoute, AppTypes> = async (context) => {
  const { gate, vault, probes } = context.get('ports');
  const [state, vaultState, postgres, identity] = await Promise.all([
    probe(context, 'state', true, () => gate(PROBE_TENANT_ID).snapshot(0)),
    probe(context, 'vault', true, () => vault.ping()),
    probe(context, 'postgres', false, probes.postgres),
    probe(context, 'identity', false, probes.identity),
  ]);
  const dependencies = { state, vault: vaultState, postgres, identity };
  const down = Object.values(dependencies).filter((dependency) => dependency.state === 'down');
  if (down.some(({ required }) => required)) {
    context.header('retry-after', String(Math.ceil(UNAVAILABLE_RETRY_MS / 1000)));
    return context.json({ status: 'unavailable' as const, dependencies }, 503);
  }
  return context.json({ status: down.length > 0 ? ('degraded' as const) : ('ready' as const), dependencies }, 200);
};

async function probe(context: AppContext, name: string, required: boolean, ask: () => Promise<unknown>) {
  const { now } = context.get('ports');
  const startedAt = now();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const tooLate = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error('no answer in time')), PROBE_TIMEOUT_MS);
  });
  try {
    await Promise.race([ask(), tooLate]);
    return { state: 'up' as const, required, latencyMs: now() - startedAt };
  } catch (error) {
    context.get('logger').warn('dependency.down', { dependency: name, error });
    return { state: 'down' as const, required, latencyMs: now() - startedAt };
  } finally {
    clearTimeout(timer);
  }
}

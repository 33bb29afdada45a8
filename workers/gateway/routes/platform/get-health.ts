import { createRoute, type RouteHandler } from '@hono/zod-openapi';
import { health } from '../../../../shared/contracts/http/health.ts';
import type { AppTypes } from '../../app-context.ts';

export const getHealthRoute = createRoute({
  method: 'get',
  path: '/healthz',
  operationId: 'getHealth',
  tags: ['Platform'],
  summary: 'Liveness and build',
  security: [],
  responses: {
    200: { description: 'This Worker runs.', content: { 'application/json': { schema: health } } },
  },
});

export const handleGetHealth: RouteHandler<typeof getHealthRoute, AppTypes> = (context) => {
  const { settings, now } = context.get('ports');
  const { version, commit, builtAt, region } = settings;
  return context.json(
    { status: 'ok' as const, version, commit, builtAt, region, time: new Date(now()).toISOString() },
    200,
  );
};

import { z } from '@hono/zod-openapi';

export const health = z
  .object({
    status: z.literal('ok'),
    version: z.string(),
    commit: z.string(),
    builtAt: z.string(),
    region: z.string(),
    time: z.iso.datetime(),
  })
  .openapi('Health');

const dependencyState = z.object({
  state: z.enum(['up', 'down']),
  required: z.boolean().openapi({ description: 'If known tenants cannot be served without it.' }),
  latencyMs: z.int(),
});

export const readiness = z
  .object({
    status: z.enum(['ready', 'degraded', 'unavailable']),
    dependencies: z.object({
      state: dependencyState,
      vault: dependencyState,
      postgres: dependencyState,
      identity: dependencyState,
    }),
  })
  .openapi('Readiness');
export type Readiness = z.infer<typeof readiness>;

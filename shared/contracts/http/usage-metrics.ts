import { z } from '@hono/zod-openapi';

export const usageUnit = z.enum(['requests', 'tokens', 'cost_usd']);

export const usageQuery = z.strictObject({
  from: z.iso
    .datetime({ offset: true })
    .optional()
    .openapi({ description: 'From the hour that this time lies in. Default: 24 hours before `to`.' }),
  to: z.iso.datetime({ offset: true }).optional().openapi({ description: 'Up to this time. Default: now.' }),
  unit: usageUnit.default('requests'),
  limit: z.coerce.number().int().min(1).max(500).default(50),
  cursor: z.iso.datetime().optional().openapi({ description: 'The `nextCursor` of the page before.' }),
});

export const usageList = z
  .object({
    data: z.array(
      z.object({
        periodStart: z.iso.datetime(),
        periodEnd: z.iso.datetime(),
        unit: usageUnit,
        value: z.number(),
        costUsd: z.number(),
      }),
    ),
    nextCursor: z.string().nullable(),
  })
  .openapi('UsageList', { description: 'Usage by hour (UTC), oldest first. Hours without requests are absent.' });

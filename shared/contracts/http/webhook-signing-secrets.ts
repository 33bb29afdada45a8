import { z } from '@hono/zod-openapi';
import { pageOf } from './page.ts';

const DAY_SECONDS = 86_400;
/** Longest that a secret is still signed by after another one has taken its place. */
const MOST_OVERLAP_SECONDS = 7 * DAY_SECONDS;

export const webhookSigningSecret = z
  .object({
    id: z.uuid(),
    createdAt: z.iso.datetime(),
    expiresAt: z.iso.datetime().nullable().openapi({
      description: 'Until when deliveries are signed by it too; `null`: it is in force.',
    }),
  })
  .openapi('WebhookSigningSecret', { description: 'What deliveries of callbacks are signed by.' });
export type WebhookSigningSecret = z.infer<typeof webhookSigningSecret>;

export const createdWebhookSigningSecret = webhookSigningSecret
  .extend({
    secret: z.string().openapi({ description: 'As Standard Webhooks write it. Shown this once.', example: 'whsec_…' }),
  })
  .openapi('CreatedWebhookSigningSecret');
export type CreatedWebhookSigningSecret = z.infer<typeof createdWebhookSigningSecret>;

export const webhookSecretRotation = z
  .strictObject({
    overlapSeconds: z.int().min(0).max(MOST_OVERLAP_SECONDS).default(DAY_SECONDS).openapi({
      description: 'How long deliveries are signed by the secrets of before as well.',
    }),
  })
  .openapi('WebhookSecretRotation');
export type WebhookSecretRotation = z.infer<typeof webhookSecretRotation>;

export const webhookSigningSecretList = pageOf(webhookSigningSecret).openapi('WebhookSigningSecretList');

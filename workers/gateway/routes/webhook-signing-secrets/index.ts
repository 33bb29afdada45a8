import { createRouter } from '../../create-router.ts';
import { handleListWebhookSigningSecrets, listWebhookSigningSecretsRoute } from './list.ts';
import { handleRotateWebhookSigningSecret, rotateWebhookSigningSecretRoute } from './rotate.ts';

export const webhookSigningSecretRoutes = createRouter()
  .openapi(listWebhookSigningSecretsRoute, handleListWebhookSigningSecrets)
  .openapi(rotateWebhookSigningSecretRoute, handleRotateWebhookSigningSecret);

import type { OpenAPIHono } from '@hono/zod-openapi';
import type { AppTypes } from './app-context.ts';
import { asyncApiDocument } from './async-api-document.ts';
import { createRouter } from './create-router.ts';
import type { GatewayEnv } from './env.ts';
import { errorResponse } from './error-response.ts';
import { handleMissing } from './handle-missing.ts';
import { preflight } from './middleware/preflight.ts';
import { requestScope } from './middleware/request-scope.ts';
import { openApiDocument } from './openapi-document.ts';
import type { GatewayPorts } from './ports.ts';
import { apiKeyRoutes } from './routes/api-keys/index.ts';
import { auditLogDestinationRoutes } from './routes/audit-log-destinations/index.ts';
import { auditLogRoutes } from './routes/audit-logs/index.ts';
import { authRoutes } from './routes/auth/index.ts';
import { budgetRoutes } from './routes/budgets/index.ts';
import { cacheRoutes } from './routes/cache/index.ts';
import { chatCompletionRoutes } from './routes/chat-completions/index.ts';
import { completionRoutes } from './routes/completions/index.ts';
import { docsRoutes } from './routes/docs/index.ts';
import { domainRoutes } from './routes/domains/index.ts';
import { embeddingRoutes } from './routes/embeddings/index.ts';
import { environmentRoutes } from './routes/environments/index.ts';
import { eventRoutes } from './routes/events/index.ts';
import { identityProviderRoutes } from './routes/identity-providers/index.ts';
import { invitationRoutes } from './routes/invitations/index.ts';
import { limitRoutes } from './routes/limits/index.ts';
import { meRoutes } from './routes/me/index.ts';
import { memberRoutes } from './routes/members/index.ts';
import { messageRoutes } from './routes/messages/index.ts';
import { metricsRoutes } from './routes/metrics/index.ts';
import { modelRoutes } from './routes/models/index.ts';
import { orchestrateRoutes } from './routes/orchestrate/index.ts';
import { permissionRoutes } from './routes/permissions/index.ts';
import { platformRoutes } from './routes/platform/index.ts';
import { providerRoutes } from './routes/providers/index.ts';
import { rateLimitRoutes } from './routes/rate-limits/index.ts';
import { requestRoutes } from './routes/requests/index.ts';
import { residencyRoutes } from './routes/residency/index.ts';
import { responseRoutes } from './routes/responses/index.ts';
import { roleRoutes } from './routes/roles/index.ts';
import { routingPolicyRoutes } from './routes/routing-policies/index.ts';
import { scimRoutes } from './routes/scim/index.ts';
import { secretRoutes } from './routes/secrets/index.ts';
import { sessionRoutes } from './routes/sessions/index.ts';
import { taskRoutes } from './routes/tasks/index.ts';
import { tenantRoutes } from './routes/tenants/index.ts';

/** The gateway's HTTP application. `portsFor` is called once per request and answers from the isolate's memory. */
export function createApp(portsFor: (env: GatewayEnv) => GatewayPorts): OpenAPIHono<AppTypes> {
  const app = createRouter();
  app.use(requestScope(portsFor));
  app.options('*', preflight);
  app.route('/', platformRoutes);
  app.route('/', docsRoutes);
  app.route('/', orchestrateRoutes);
  app.route('/', taskRoutes);
  app.route('/', eventRoutes);
  app.route('/', chatCompletionRoutes);
  app.route('/', completionRoutes);
  app.route('/', embeddingRoutes);
  app.route('/', responseRoutes);
  app.route('/', messageRoutes);
  app.route('/', modelRoutes);
  app.route('/', metricsRoutes);
  app.route('/', requestRoutes);
  app.route('/', limitRoutes);
  app.route('/', budgetRoutes);
  app.route('/', rateLimitRoutes);
  app.route('/', routingPolicyRoutes);
  app.route('/', cacheRoutes);
  app.route('/', residencyRoutes);
  app.route('/', authRoutes);
  app.route('/', meRoutes);
  app.route('/', sessionRoutes);
  app.route('/', identityProviderRoutes);
  app.route('/', scimRoutes);
  app.route('/', domainRoutes);
  app.route('/', tenantRoutes);
  app.route('/', roleRoutes);
  app.route('/', permissionRoutes);
  app.route('/', memberRoutes);
  app.route('/', invitationRoutes);
  app.route('/', auditLogRoutes);
  app.route('/', auditLogDestinationRoutes);
  app.route('/', apiKeyRoutes);
  app.route('/', environmentRoutes);
  app.route('/', providerRoutes);
  app.route('/', secretRoutes);
  let description: string | undefined;
  app.get('/openapi.json', (context) => {
    description ??= JSON.stringify(openApiDocument(app));
    return context.body(description, 200, { 'content-type': 'application/json' });
  });
  let socketDescription: string | undefined;
  app.get('/asyncapi.json', (context) => {
    socketDescription ??= JSON.stringify(asyncApiDocument());
    return context.body(socketDescription, 200, { 'content-type': 'application/json' });
  });
  app.notFound((context) => handleMissing(app, context));
  app.onError((error, context) => {
    context.get('logger').error('request.fault', { error });
    return errorResponse(context, {
      code: 'internal_error',
      detail: 'Something went wrong on our side; it was recorded.',
    });
  });
  return app;
}

import type { OpenAPIHono } from '@hono/zod-openapi';
import { cors } from 'hono/cors';
import { secureHeaders } from 'hono/secure-headers';
import type { AppContext, AppTypes } from './app-context.ts';
import { createRouter } from './create-router.ts';
import type { GatewayEnv } from './env.ts';
import { errorResponse } from './error-response.ts';
import { handleMissing } from './handle-missing.ts';
import { requestScope } from './middleware/request-scope.ts';
import { openApiDocument } from './openapi-document.ts';
import type { GatewayPorts } from './ports.ts';
import { chatCompletionRoutes } from './routes/chat-completions/index.ts';
import { completionRoutes } from './routes/completions/index.ts';
import { docsRoutes } from './routes/docs/index.ts';
import { embeddingRoutes } from './routes/embeddings/index.ts';
import { messageRoutes } from './routes/messages/index.ts';
import { metricsRoutes } from './routes/metrics/index.ts';
import { modelRoutes } from './routes/models/index.ts';
import { orchestrateRoutes } from './routes/orchestrate/index.ts';
import { platformRoutes } from './routes/platform/index.ts';
import { responseRoutes } from './routes/responses/index.ts';

const EXPOSED_HEADERS = [
  ...['X-Request-Id', 'traceparent', 'Retry-After'],
  ...['X-Eufm-Request-Id', 'X-Eufm-Provider', 'X-Eufm-Model', 'X-Eufm-Cost-Usd', 'X-Eufm-Warnings'],
];

/** The gateway's HTTP application. `portsFor` is called once per request and answers from the isolate's memory. */
export function createApp(portsFor: (env: GatewayEnv) => GatewayPorts): OpenAPIHono<AppTypes> {
  const app = createRouter();
  app.use(requestScope(portsFor));
  app.use(secureHeaders({ crossOriginResourcePolicy: 'cross-origin' }));
  app.use(
    cors({
      origin: (origin, context: AppContext) =>
        context.get('ports').settings.corsOrigins.includes(origin) ? origin : null,
      exposeHeaders: EXPOSED_HEADERS,
      maxAge: 600,
    }),
  );
  app.route('/', platformRoutes);
  app.route('/', docsRoutes);
  app.route('/', orchestrateRoutes);
  app.route('/', chatCompletionRoutes);
  app.route('/', completionRoutes);
  app.route('/', embeddingRoutes);
  app.route('/', responseRoutes);
  app.route('/', messageRoutes);
  app.route('/', modelRoutes);
  app.route('/', metricsRoutes);
  let description: string | undefined;
  app.get('/openapi.json', (context) => {
    description ??= JSON.stringify(openApiDocument(app));
    return context.body(description, 200, { 'content-type': 'application/json' });
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

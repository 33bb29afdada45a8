import type { OpenAPIHono } from '@hono/zod-openapi';
import { routingOutcome } from '../../shared/contracts/http/routing-strategy.ts';
import type { AppTypes } from './app-context.ts';
import { SESSION_COOKIE } from './identity/cookies.ts';

/** The API description (OpenAPI 3.1) of an app, from the same schemas that its routes validate with. */
export function openApiDocument(app: OpenAPIHono<AppTypes>) {
  app.openAPIRegistry.registerComponent('securitySchemes', 'apiKey', {
    type: 'apiKey',
    in: 'header',
    name: 'X-API-Key',
    description: 'For services and SDKs.',
  });
  app.openAPIRegistry.registerComponent('securitySchemes', 'bearerKey', {
    type: 'http',
    scheme: 'bearer',
    description: 'An API key, where clients of other APIs put theirs. It finds its tenant.',
  });
  app.openAPIRegistry.registerComponent('securitySchemes', 'accessToken', {
    type: 'http',
    scheme: 'bearer',
    bearerFormat: 'JWT',
    description: 'An OIDC access token (RFC 9068), for people.',
  });
  app.openAPIRegistry.registerComponent('securitySchemes', 'session', {
    type: 'apiKey',
    in: 'cookie',
    name: SESSION_COOKIE,
    description: 'The session of a browser, after `GET /v1/auth/login`. What changes something needs `Origin`.',
  });
  app.openAPIRegistry.registerComponent('securitySchemes', 'scimToken', {
    type: 'http',
    scheme: 'bearer',
    description: 'A SCIM token of an identity provider’s connection. It finds its tenant.',
  });
  app.openAPIRegistry.registerComponent('securitySchemes', 'tenant', {
    type: 'apiKey',
    in: 'header',
    name: 'X-Tenant-Id',
    description: 'The tenant that the request is for: a UUID.',
  });
  app.openAPIRegistry.register('RoutingOutcome', routingOutcome); // behind a rule, where the generator does not look
  return app.getOpenAPI31Document({
    openapi: '3.1.0',
    info: {
      title: 'EUFM Orchestrator',
      version: '1.0.0',
      description:
        'One API for every major model. Errors are `application/problem+json` (RFC 9457) with a stable `code`, on the endpoints for clients of other APIs what those expect. Every answer carries `X-Request-Id` and `traceparent`.',
      license: { name: 'Proprietary', url: 'https://eufm.example/terms' },
    },
    servers: [
      { url: 'https://eu.api.eufm.example', description: 'European Union' },
      { url: 'https://us.api.eufm.example', description: 'United States' },
    ],
    tags: [
      { name: 'Orchestration', description: 'Requests to models.' },
      { name: 'OpenAI clients', description: 'Drop-in endpoints: change the base URL and the key.' },
      { name: 'Anthropic clients', description: 'Drop-in endpoints: change the base URL and the key.' },
      { name: 'Models', description: 'What a request may name as its model.' },
      { name: 'Events', description: 'What happens in the tenant, as it happens.' },
      { name: 'Metrics', description: 'What was used and what it cost.' },
      { name: 'Requests', description: 'What was asked of models, one by one, and what each cost.' },
      { name: 'Limits', description: 'Budgets, rate limits and quotas, and how they stand.' },
      { name: 'Routing', description: 'Policies that say where requests go.' },
      { name: 'Residency', description: 'Where content may go, and where it went.' },
      { name: 'Signing in', description: 'People: their sign-in, their sessions, who they are.' },
      { name: 'Provisioning', description: 'SCIM 2.0, for identity providers: they make and end people and groups.' },
      { name: 'Tenants', description: 'Yours: what environments, keys and members belong to.' },
      { name: 'Environments', description: 'Where keys and requests belong: development, staging, production.' },
      { name: 'API keys', description: 'Made, restricted, rotated, revoked.' },
      { name: 'Providers', description: 'Accounts at providers: connected, tested, rotated.' },
      { name: 'Secrets', description: 'Values that are kept sealed and never shown.' },
      { name: 'Access', description: 'Members, invitations, roles, and what happened.' },
      { name: 'Platform', description: 'Health of this deployment.' },
    ],
  });
}

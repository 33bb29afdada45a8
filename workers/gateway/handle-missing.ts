import type { OpenAPIHono } from '@hono/zod-openapi';
import type { AppContext, AppTypes } from './app-context.ts';
import { errorResponse } from './error-response.ts';

/** Answers a request that no route took: 405 with `Allow` where the path exists under other methods, else 404. */
export function handleMissing(app: OpenAPIHono<AppTypes>, context: AppContext): Response {
  const { method, path } = context.req;
  const methods = app.routes
    .filter((route) => route.method !== 'ALL' && toPattern(route.path).test(path))
    .map((route) => route.method);
  if (methods.length === 0) {
    return errorResponse(context, {
      code: 'not_found',
      detail: `Nothing is at ${path}. See /docs for what there is.`,
    });
  }
  const allow = [...new Set(methods)].sort().join(', ');
  const detail = `${path} does not take ${method}; it takes ${allow}.`;
  return errorResponse(context, { code: 'method_not_allowed', detail, headers: { allow } });
}

function toPattern(path: string): RegExp {
  const source = path.replace(/[.*+?^${}()|[\]\\]/g, '\\$&').replace(/:[^/]+/g, '[^/]+');
  return new RegExp(`^${source}/?$`);
}

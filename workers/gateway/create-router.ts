import { OpenAPIHono, type RouteConfig } from '@hono/zod-openapi';
import type { MiddlewareHandler } from 'hono';
import type { AppTypes } from './app-context.ts';
import { FixedPathRouter } from './fixed-path-router.ts';
import { describeKey } from './idempotency/describe-key.ts';
import { idempotent } from './idempotency/idempotent.ts';
import { takesKey } from './idempotency/policies.ts';
import { refuseInvalid } from './refuse-invalid.ts';
import { validateRequest } from './validate-request.ts';

/** A router whose validators answer a request that does not fit its schema with one problem that names every field. */
export function createRouter(): OpenAPIHono<AppTypes> {
  const router = new OpenAPIHono<AppTypes>({
    router: new FixedPathRouter(),
    defaultHook: (result, context) => (result.success ? undefined : refuseInvalid(context, result.error.issues)),
  });
  const { openapi, openAPIRegistry } = router;
  type Handler = Parameters<typeof openapi>[1];
  // Headers and bodies are ours to validate: the library reads all headers, and writes a body as JSON to parse it again.
  const describeAndMount = (route: RouteConfig & { middleware?: MiddlewareHandler[] }, handler: Handler) => {
    const { headers, body, ...rest } = route.request ?? {};
    const { middleware: guards = [], ...description } = route;
    openAPIRegistry.registerPath(describeKey(description));
    const { operationId } = route;
    const run = operationId !== undefined && takesKey(route) ? idempotent(operationId) : RUN;
    const guard = guardWith([...guards, validateRequest(headers, body)], run);
    return openapi({ ...route, request: rest, middleware: guard, hide: true }, handler);
  };
  router.openapi = describeAndMount as typeof openapi;
  return router;
}

const PASS = async () => {};
const RUN: MiddlewareHandler = (_context, next) => next();

/** Guards in a row as one step of the router: the first that answers ends the request, and `run` has what passes them. */
function guardWith(guards: readonly MiddlewareHandler[], run: MiddlewareHandler): MiddlewareHandler {
  return async (context, next) => {
    for (const guard of guards) {
      const refusal = await guard(context, PASS);
      if (refusal) return refusal;
    }
    return run(context, next);
  };
}

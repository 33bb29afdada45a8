import type { RouteConfig } from '@hono/zod-openapi';
import type { MiddlewareHandler } from 'hono';
import * as z from 'zod';
import type { AppContext, AppTypes } from './app-context.ts';
import { refuseInvalid } from './refuse-invalid.ts';

type Described = NonNullable<RouteConfig['request']>;

/** Checks the headers that a route describes, and the JSON body that its guards have read, and leaves both to its handler. */
export function validateRequest(headers: Described['headers'], body: Described['body']): MiddlewareHandler<AppTypes> {
  const headersSchema = headers instanceof z.ZodObject ? headers : null;
  const names = Object.keys(headersSchema?.shape ?? {});
  const needsHeaders = headersSchema?.safeParse({}).success === false;
  const json = body?.content['application/json'] ?? body?.content['application/scim+json'];
  const bodySchema = json && 'schema' in json ? json.schema : null;
  return async (context, next) => {
    if (headersSchema) {
      const sent = sentOf(context, names);
      const read = sent || needsHeaders ? headersSchema.safeParse(sent ?? {}) : null;
      if (read?.success === false) return refuseInvalid(context, read.error.issues);
    }
    if (bodySchema instanceof z.ZodType) {
      const read = bodySchema.safeParse(context.get('body'));
      if (!read.success) return refuseInvalid(context, read.error.issues);
      context.req.addValidatedData('json', read.data as object);
    }
    return await next();
  };
}

/** The headers of these names that a request has; null when it has none of them. */
function sentOf({ req }: AppContext, names: readonly string[]): Record<string, string> | null {
  let sent: Record<string, string> | null = null;
  for (const name of names) {
    const value = req.header(name);
    if (value === undefined) continue;
    sent ??= {};
    sent[name] = value;
  }
  return sent;
}

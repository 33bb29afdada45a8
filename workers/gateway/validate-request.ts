import type { RouteConfig } from '@hono/zod-openapi';
import type { MiddlewareHandler } from 'hono';
import * as z from 'zod';
import type { AppTypes } from './app-context.ts';
import { refuseInvalid } from './refuse-invalid.ts';

type Described = NonNullable<RouteConfig['request']>;

/** Checks the headers that a route describes, and the JSON body that its guards have read, and leaves both to its handler. */
export function validateRequest(headers: Described['headers'], body: Described['body']): MiddlewareHandler<AppTypes> {
  const headersSchema = headers instanceof z.ZodObject ? headers : null;
  const names = Object.keys(headersSchema?.shape ?? {});
  const json = body?.content['application/json'] ?? body?.content['application/scim+json'];
  const bodySchema = json && 'schema' in json ? json.schema : null;
  return async (context, next) => {
    if (headersSchema) {
      const sent: Record<string, string> = {};
      for (const name of names) {
        const value = context.req.header(name);
        if (value !== undefined) sent[name] = value;
      }
      const read = headersSchema.safeParse(sent);
      if (!read.success) return refuseInvalid(context, read.error.issues);
    }
    if (bodySchema instanceof z.ZodType) {
      const read = bodySchema.safeParse(context.get('body'));
      if (!read.success) return refuseInvalid(context, read.error.issues);
      context.req.addValidatedData('json', read.data as object);
    }
    return await next();
  };
}

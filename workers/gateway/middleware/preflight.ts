import { cors } from 'hono/cors';
import type { AppContext } from '../app-context.ts';

/** Answers what a browser asks before a request from another origin. The answers themselves say their part of it. */
export const preflight = cors({
  origin: (origin, context: AppContext) => (context.get('ports').settings.corsOrigins.includes(origin) ? origin : null),
  credentials: true,
  maxAge: 600,
});

import { type RouteConfig, z } from '@hono/zod-openapi';
import type { ErrorCode } from '../../../shared/errors/domain-error.ts';
import { takesKey } from './policies.ts';

const keyHeader = z.object({
  'Idempotency-Key': z.string().min(1).max(257).optional().openapi({
    description:
      'Names this request for 24 hours: sent again with the same key, it is not done again and gets the same answer.',
    example: '8e03978e-40d5-43dd-bc93-6894a57f9324',
  }),
});

const CODES_BY_STATUS: Readonly<Record<string, readonly ErrorCode[]>> = {
  409: ['idempotency_in_flight', 'idempotency_answer_lost'],
  422: ['idempotency_key_reused'],
};

/** Adds to the description of a route that takes an Idempotency-Key the header and its answers, in the route's own form. */
export function describeKey(route: RouteConfig): RouteConfig {
  if (!takesKey(route)) return route;
  const { headers } = route.request ?? {};
  const described = headers instanceof z.ZodObject ? headers.extend(keyHeader.shape) : keyHeader;
  const responses = { ...route.responses };
  for (const [status, codes] of Object.entries(CODES_BY_STATUS)) {
    const names = codes.map((code) => `\`${code}\``).join(', ');
    const own = responses[status];
    const said = own && 'description' in own ? own.description?.replace(/\.$/, ', ') : 'One of: ';
    responses[status] = { ...(own ?? responses[401]), description: `${said}${names}.` };
  }
  return { ...route, request: { ...route.request, headers: described }, responses };
}

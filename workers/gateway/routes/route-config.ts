import { z } from '@hono/zod-openapi';
import type { Permission } from '../../../shared/auth/permissions.ts';
import { problem } from '../../../shared/contracts/http/problem.ts';
import { ERRORS, type ErrorCode } from '../../../shared/errors/domain-error.ts';
import { authenticate } from '../middleware/authenticate.ts';
import { authenticatePerson } from '../middleware/authenticate-person.ts';
import { jsonBody } from '../middleware/json-body.ts';
import { requirePermission } from '../middleware/require-permission.ts';
import { requireResidency } from '../middleware/require-residency.ts';
import { cacheHeader } from '../read-cache-wish.ts';
import { priorityHeader } from '../read-priority.ts';

/** Errors that every tenant-scoped route can answer with. */
export const TENANT_ERRORS: readonly ErrorCode[] = [
  'bad_request',
  'tenant_header_missing',
  'tenant_header_invalid',
  'unauthenticated',
  'cross_site_request',
  'tenant_mismatch',
  'environment_mismatch',
  'tenant_suspended',
  'permission_denied',
  'address_not_allowed',
  'wrong_region',
  'unavailable',
  'internal_error',
];

/** Errors of a route that takes a JSON body. */
export const BODY_ERRORS: readonly ErrorCode[] = [
  'invalid_json',
  'body_too_complex',
  'body_too_large',
  'unsupported_media_type',
];

/** Errors of a request that is to reach a provider. */
export const MODEL_ERRORS: readonly ErrorCode[] = [
  'model_not_found',
  'model_not_allowed',
  'residency_refused',
  'routing_policy_not_found',
  'not_supported',
  'provider_rejected',
  'budget_exhausted',
  'quota_exhausted',
  'rate_limited',
  'concurrency_limited',
  'model_unpriced',
  'provider_rate_limited',
  'provider_auth_failed',
  'provider_failed',
  'provider_overloaded',
  'provider_timeout',
];

/** What guards a tenant-scoped route: identity, then its declared permission, then the body within limits. */
export function tenantRoute(permission: Permission) {
  return [authenticate({ tenant: 'named', checkedBy: 'now' }), requirePermission(permission)];
}

/** The same for a route that takes a JSON body, which is read only once the caller may send it. */
export function tenantBodyRoute(permission: Permission) {
  return [...tenantRoute(permission), jsonBody];
}

/** The same for one that sends its body to a provider, and does nothing before its request has a hold. */
export function tenantHoldRoute(permission: Permission) {
  const identity = authenticate({ tenant: 'named', checkedBy: 'hold' });
  return [identity, requirePermission(permission), requireResidency, jsonBody];
}

/** Security schemes of a tenant-scoped route, for the API description. */
export const TENANT_SECURITY = [
  { apiKey: [], tenant: [] },
  { accessToken: [], tenant: [] },
  { session: [], tenant: [] },
];

/** Errors that every route of a person can answer with. */
const PERSON_ERRORS: readonly ErrorCode[] = [
  'bad_request',
  'unauthenticated',
  'cross_site_request',
  'permission_denied',
  'unavailable',
  'internal_error',
];

/** What guards a route that belongs to a person and to no tenant: who asks, and that they are no API key. */
export function personRoute() {
  return [authenticatePerson];
}

/** The same for a route that takes a JSON body, which is read only once the caller may send it. */
export function personBodyRoute() {
  return [...personRoute(), jsonBody];
}

/** Security schemes of a person's route, for the API description. */
export const PERSON_SECURITY = [{ session: [] }, { accessToken: [] }];

/** The error answers of a person's route, for the API description. */
export function personErrors(own: readonly ErrorCode[] = []) {
  return problemResponses([...PERSON_ERRORS, ...own]);
}

/** The error answers of a person's route with a JSON body. */
export function personBodyErrors(own: readonly ErrorCode[] = []) {
  return problemResponses([...PERSON_ERRORS, ...BODY_ERRORS, ...own]);
}

/** Headers of a tenant-scoped request beside its credential. */
export const tenantHeaders = z.object({
  'X-Env-Id': z.uuid().optional().openapi({
    description: 'The environment; an API key has its own, an access token needs one to spend in.',
  }),
});

/** Headers of a request that is to reach a provider. */
export const callHeaders = tenantHeaders.extend({
  'X-Eufm-Priority': priorityHeader.optional().openapi({
    description: 'Who goes first where requests wait for others to end; `normal` unless it is said.',
  }),
  'X-Eufm-Cache': cacheHeader.optional(),
});

/** A JSON answer of a tenant-scoped route, for the API description, with the headers that every answer carries. */
export function jsonAnswer<Schema extends z.ZodType>(description: string, schema: Schema) {
  return { description, headers: answerHeaders, content: { 'application/json': { schema } } };
}

/** Headers that every answer carries, for the API description. */
export const answerHeaders = z.object({
  'X-Request-Id': z.uuid().openapi({ description: 'Names this request in logs, records and errors.' }),
  traceparent: z.string().openapi({ description: 'W3C Trace Context: the caller’s trace, continued.' }),
});

/** The answer of a route that may give a stored answer, for the API description. */
export const storedAnswerHeaders = answerHeaders.extend({
  'Cache-Status': z.string().optional().openapi({
    description: 'RFC 9211: whether it is a stored answer; absent where none was looked for.',
    example: 'eufm; hit',
  }),
});

const problemHeaders = answerHeaders.extend({
  'Retry-After': z.int().optional().openapi({ description: 'Seconds; where `retry` is `after`.' }),
});

/** The error answers of a tenant-scoped route, for the API description, one per status. */
export function tenantErrors(own: readonly ErrorCode[] = []) {
  return problemResponses([...TENANT_ERRORS, ...own]);
}

/** The error answers of a tenant-scoped route with a JSON body. */
export function tenantBodyErrors(own: readonly ErrorCode[] = []) {
  return problemResponses([...TENANT_ERRORS, ...BODY_ERRORS, ...own]);
}

/** The error answers of any route, for the API description, one per status. */
export function problemResponses(codes: readonly ErrorCode[]) {
  return Object.fromEntries(
    [...byStatus(codes, (code) => ERRORS[code].status)].map(([status, group]) => [
      status,
      {
        description: `One of: ${group.map((code) => `\`${code}\``).join(', ')}.`,
        headers: problemHeaders,
        content: { 'application/problem+json': { schema: problem } },
      },
    ]),
  );
}

/** Error codes by the status that they are answered with. */
export function byStatus(
  codes: readonly ErrorCode[],
  statusOf: (code: ErrorCode) => number,
): ReadonlyMap<number, readonly ErrorCode[]> {
  return Map.groupBy(codes, statusOf);
}

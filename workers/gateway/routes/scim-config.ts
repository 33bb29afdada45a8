import { z } from '@hono/zod-openapi';
import { scimError } from '../../../shared/contracts/http/scim/messages.ts';
import { ERRORS, type ErrorCode } from '../../../shared/errors/domain-error.ts';
import { authenticateScim } from '../middleware/authenticate-scim.ts';
import { scimBody } from '../middleware/json-body.ts';
import { writeScimError } from '../scim/write-error.ts';
import { BODY_ERRORS, byStatus } from './route-config.ts';

/** What guards a route of SCIM: the token of an identity provider's connection, and nothing else. */
export function scimRoute() {
  return [authenticateScim];
}

/** The same for a route that takes a JSON body, which is read only once the caller may send it. */
export function scimBodyRoute() {
  return [...scimRoute(), scimBody];
}

/** Security schemes of a route of SCIM, for the API description. */
export const SCIM_SECURITY = [{ scimToken: [] }];

const SCIM_ERRORS: readonly ErrorCode[] = [
  'bad_request',
  'unauthenticated',
  'tenant_mismatch',
  'tenant_suspended',
  'wrong_region',
  'unavailable',
  'internal_error',
];

/** Errors of a change of people or groups. */
export const CHANGE_ERRORS: readonly ErrorCode[] = [
  'not_found',
  'precondition_failed',
  'already_exists',
  'member_limit_reached',
  'last_owner',
];

const answerHeaders = z.object({
  'X-Request-Id': z.uuid().openapi({ description: 'Names this request in logs, records and errors.' }),
  ETag: z.string().optional().openapi({ description: 'The version of a resource.' }),
});

/** Headers of a request that may be about one version only. */
export const ifMatch = z.object({
  'If-Match': z.string().optional().openapi({ description: 'The `ETag` of the version that it is about.' }),
});

/** The path of a resource. */
export const resourceParams = z.object({ id: z.uuid() });

/** An answer in SCIM's media type, for the API description. */
export function scimAnswer<Schema extends z.ZodType>(description: string, schema: Schema) {
  return { description, headers: answerHeaders, content: { 'application/scim+json': { schema } } };
}

/** A body in SCIM's media type, for the API description. */
export function scimContent<Schema extends z.ZodType>(schema: Schema) {
  return { required: true, content: { 'application/scim+json': { schema } } };
}

/** The error answers of a route of SCIM, for the API description, one per status. */
export function scimErrors(own: readonly ErrorCode[] = []) {
  const codes = [...SCIM_ERRORS, ...own];
  const groups = byStatus(codes, (code) => writeScimError({ code, detail: '' }, '').status);
  return Object.fromEntries(
    [...groups].map(([status, members]) => [
      status,
      { ...scimAnswer(members.map((code) => ERRORS[code].title).join('; '), scimError) },
    ]),
  );
}

/** The error answers of a route of SCIM with a JSON body. */
export function scimBodyErrors(own: readonly ErrorCode[] = []) {
  return scimErrors([...BODY_ERRORS, ...own]);
}

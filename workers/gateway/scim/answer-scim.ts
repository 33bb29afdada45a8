import { LIST_SCHEMA } from '../../../shared/contracts/http/scim/schemas.ts';
import type { ScimUser } from '../../../shared/contracts/http/scim/users.ts';
import { answer } from '../answer.ts';
import type { AppContext } from '../app-context.ts';
import type { UntypedResponse } from '../untyped-response.ts';

/** Answers in SCIM's media type. */
export function answerScim(
  context: AppContext,
  body: object,
  status = 200,
  headers: Readonly<Record<string, string>> = {},
): UntypedResponse {
  return answer(context, JSON.stringify(body), status, { 'content-type': 'application/scim+json', ...headers });
}

/** A resource, with its version, and where it was made with its place. */
export function answerResource(
  context: AppContext,
  resource: Pick<ScimUser, 'meta'>,
  shown: object,
  status: 200 | 201 = 200,
): UntypedResponse {
  const { location = '', version = '' } = resource.meta ?? {};
  return answerScim(context, shown, status, { etag: version, ...(status === 201 && { location }) });
}

/** A page of a list (RFC 7644, section 3.4.2). `offset` counts from 0. */
export function answerList(context: AppContext, resources: readonly object[], total: number, offset = 0) {
  return answerScim(context, {
    schemas: [LIST_SCHEMA],
    totalResults: total,
    startIndex: offset + 1,
    itemsPerPage: resources.length,
    Resources: resources,
  });
}

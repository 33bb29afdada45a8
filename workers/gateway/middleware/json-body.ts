import { createMiddleware } from 'hono/factory';
import type { DomainError } from '../../../shared/errors/domain-error.ts';
import { type BodyRefusal, readJsonBody } from '../../../shared/platform/read-json-body.ts';
import type { AppTypes } from '../app-context.ts';
import { BODY_MAX_BYTES, BODY_MAX_DEPTH, BODY_MAX_ELEMENTS, BODY_MAX_TEXT_LENGTH } from '../constants.ts';
import { errorResponse } from '../error-response.ts';

const LIMITS = {
  maxBytes: BODY_MAX_BYTES,
  maxDepth: BODY_MAX_DEPTH,
  maxElements: BODY_MAX_ELEMENTS,
  maxTextLength: BODY_MAX_TEXT_LENGTH,
};

const REFUSALS: Record<BodyRefusal, DomainError> = {
  too_large: { code: 'body_too_large', detail: `A body may have at most ${BODY_MAX_BYTES} bytes.` },
  too_complex: {
    code: 'body_too_complex',
    detail: `A body may be nested ${BODY_MAX_DEPTH} deep and have ${BODY_MAX_ELEMENTS} keys and items.`,
  },
  text_too_long: {
    code: 'body_too_complex',
    detail: `A string that is no base64 may have at most ${BODY_MAX_TEXT_LENGTH} characters; send a longer text in parts.`,
  },
  prototype_key: { code: 'bad_request', detail: 'No key may be __proto__, nor prototype in constructor.' },
  broken_off: { code: 'invalid_json', detail: 'The connection ended before the body did.' },
  invalid_json: {
    code: 'invalid_json',
    detail: 'The body is not valid JSON in UTF-8. One that has nothing to say is {}.',
  },
};

/** Reads a JSON body within limits and leaves it where the route's validator takes it from. */
export const jsonBody = readBody(/^application\/json\s*(;|$)/i, 'application/json');

/** The same for SCIM's media type (RFC 7644, section 3.1), beside which plain JSON is taken. */
export const scimBody = readBody(/^application\/(scim\+)?json\s*(;|$)/i, 'application/scim+json');

function readBody(types: RegExp, name: string) {
  return createMiddleware<AppTypes>(async (context, next) => {
    const type = context.req.header('content-type') ?? '';
    if (!types.test(type)) {
      return errorResponse(context, { code: 'unsupported_media_type', detail: `Send the body as ${name}.` });
    }
    if ((context.req.header('content-encoding') ?? 'identity') !== 'identity') {
      return errorResponse(context, { code: 'unsupported_media_type', detail: 'Send the body without compression.' });
    }
    const isKeyed = context.req.header('idempotency-key') !== undefined;
    const keepText = isKeyed ? (text: string) => context.set('bodyText', text) : undefined;
    const body = await readJsonBody(context.req.raw, LIMITS, keepText);
    if (!body.ok) return errorResponse(context, REFUSALS[body.error]);
    context.set('body', body.value);
    return await next();
  });
}

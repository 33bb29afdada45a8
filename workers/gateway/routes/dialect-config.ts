import { z } from '@hono/zod-openapi';
import type { Permission } from '../../../shared/auth/permissions.ts';
import { anthropicError } from '../../../shared/contracts/http/anthropic/messages.ts';
import { openAiError } from '../../../shared/contracts/http/openai/error.ts';
import type { ErrorCode } from '../../../shared/errors/domain-error.ts';
import type { Dialect } from '../dialects/dialect.ts';
import { authenticate } from '../middleware/authenticate.ts';
import { jsonBody } from '../middleware/json-body.ts';
import { requirePermission } from '../middleware/require-permission.ts';
import { requireResidency } from '../middleware/require-residency.ts';
import { speak, WRITE_ERROR } from '../middleware/speak.ts';
import { cacheHeader } from '../read-cache-wish.ts';
import { priorityHeader } from '../read-priority.ts';
import { BODY_ERRORS, byStatus, MODEL_ERRORS, TENANT_ERRORS } from './route-config.ts';

/** What guards a route that imitates another API: its errors' shape, identity by key alone, and its permission. */
export function dialectRoute(permission: Permission, dialect?: Dialect) {
  return [speak(dialect), authenticate({ tenant: 'any', checkedBy: 'now' }), requirePermission(permission)];
}

/** The same for a route that sends its JSON body to a provider: it is read only once the caller may send it. */
export function dialectBodyRoute(permission: Permission, dialect: Dialect) {
  return [...dialectRoute(permission, dialect), requireResidency, jsonBody];
}

/** The same for one that does nothing before its request has a hold. */
export function dialectHoldRoute(permission: Permission, dialect: Dialect) {
  const identity = authenticate({ tenant: 'any', checkedBy: 'hold' });
  return [speak(dialect), identity, requirePermission(permission), requireResidency, jsonBody];
}

/** Security schemes of a route that imitates another API, for the API description. */
export const DIALECT_SECURITY = [{ bearerKey: [] }, { apiKey: [] }, { accessToken: [], tenant: [] }];

/** What another API's request may say of ours. */
export const dialectHeaders = z.object({
  'X-Eufm-Policy': z.string().min(1).optional().openapi({
    description: 'Name or id of a routing policy, which then decides in place of `model`.',
  }),
  'X-Eufm-Continue': z.enum(['true', 'false']).optional().openapi({
    description:
      '`true`: when the stream of a chat breaks off within its text, another candidate of the routing policy goes on where it ended, if there is one that can. A comment in the stream tells of it. Each of the calls is billed.',
  }),
  'X-Eufm-Metadata': z.string().optional().openapi({
    description: 'A JSON object; recorded with the request.',
    example: '{"feature":"greeting"}',
  }),
  'X-Eufm-Priority': priorityHeader.optional().openapi({
    description: 'Who goes first where requests wait for others to end; `normal` unless it is said.',
  }),
  'X-Eufm-Cache': cacheHeader.optional(),
  'X-Env-Id': z.uuid().optional().openapi({ description: 'The environment; an API key has its own.' }),
});

const answerHeaders = z.object({
  'X-Eufm-Request-Id': z.uuid().openapi({ description: 'Names this request in logs, records and errors.' }),
  'X-Eufm-Provider': z.string().optional().openapi({ description: 'The provider that was called.' }),
  'X-Eufm-Model': z.string().optional().openapi({ description: 'The model that was called.' }),
  'X-Eufm-Cost-Usd': z.string().optional().openapi({
    description: 'What the request cost. A stream tells it in a comment behind its last event.',
  }),
  'X-Eufm-Warnings': z.string().optional().openapi({
    description: 'A JSON list of what was asked for and not done.',
  }),
  'Cache-Status': z.string().optional().openapi({
    description: 'RFC 9211: whether it is a stored answer; absent where none was looked for.',
  }),
});

/** An answer of a route that imitates another API, for the API description. */
export function dialectAnswer<Schema extends z.ZodType>(description: string, schema: Schema) {
  return { description, headers: answerHeaders, content: { 'application/json': { schema } } };
}

/** The same, which can also be streamed: as the text of the events that the API's clients read. */
export function dialectStreamAnswer<Schema extends z.ZodType, Event extends z.ZodType>(
  description: string,
  schema: Schema,
  event: Event,
) {
  const answer = dialectAnswer(description, schema);
  return { ...answer, content: { ...answer.content, 'text/event-stream': { schema: event } } };
}

const ERROR_SCHEMAS = { openai: openAiError, anthropic: anthropicError } as const;

/** Errors of a request in another API's words that is to reach a provider. */
export const CALL_ERRORS: readonly ErrorCode[] = [...BODY_ERRORS, ...MODEL_ERRORS];

/** The error answers of a route that imitates another API, for the API description, one per status. */
export function dialectErrors(dialects: readonly [Dialect, ...Dialect[]], own: readonly ErrorCode[]) {
  const schema = dialects.length === 1 ? ERROR_SCHEMAS[dialects[0]] : z.union([openAiError, anthropicError]);
  const codes = [...TENANT_ERRORS, ...own];
  const groups = dialects.map((dialect) =>
    byStatus(codes, (code) => WRITE_ERROR[dialect]({ code, detail: '' }, '').status),
  );
  return Object.fromEntries(
    groups.flatMap((group) =>
      [...group].map(([status, members]) => [
        status,
        {
          description: `One of: ${members.map((code) => `\`${code}\``).join(', ')}.`,
          content: { 'application/json': { schema } },
        },
      ]),
    ),
  );
}

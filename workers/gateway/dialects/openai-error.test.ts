import OpenAI from 'openai';
import { describe, expect, it } from 'vitest';
import { openAiError } from '../../../shared/contracts/http/openai/error.ts';
import { type DomainError, ERRORS, type ErrorCode } from '../../../shared/errors/domain-error.ts';
import { writeOpenAiError } from './openai-error.ts';

const CODES = Object.keys(ERRORS).filter((code): code is ErrorCode => code in ERRORS);

/** What OpenAI's own client throws, and how often it asked. */
async function thrown(error: DomainError): Promise<{ failure: unknown; calls: number }> {
  const { status, body, headers } = writeOpenAiError(error, 'id');
  let calls = 0;
  const client = new OpenAI({
    apiKey: 'k',
    maxRetries: 1,
    fetch: async () => {
      calls++;
      return Response.json(body, { status, headers: { ...headers, 'retry-after-ms': '1' } });
    },
  });
  const failure = await client.models.list().then(
    () => null,
    (cause: unknown) => cause,
  );
  return { failure, calls };
}

describe('an error as OpenAI has it', () => {
  it.each([
    ['unauthenticated', OpenAI.AuthenticationError, 401, 'authentication_error', 'invalid_api_key'],
    ['model_not_found', OpenAI.NotFoundError, 404, 'invalid_request_error', 'model_not_found'],
    ['routing_policy_not_found', OpenAI.NotFoundError, 404, 'invalid_request_error', 'routing_policy_not_found'],
    ['budget_exhausted', OpenAI.APIError, 402, 'insufficient_quota', 'budget_exhausted'],
    ['model_unpriced', OpenAI.APIError, 402, 'insufficient_quota', 'model_unpriced'],
    ['permission_denied', OpenAI.PermissionDeniedError, 403, 'permission_error', 'permission_denied'],
    ['provider_rate_limited', OpenAI.RateLimitError, 429, 'rate_limit_error', 'rate_limit_exceeded'],
    ['bad_request', OpenAI.BadRequestError, 400, 'invalid_request_error', 'bad_request'],
    ['internal_error', OpenAI.InternalServerError, 500, 'server_error', 'internal_error'],
    ['provider_auth_failed', OpenAI.InternalServerError, 502, 'server_error', 'provider_auth_failed'],
  ] as const)('throws for %s what its client knows', async (code, type, status, word, said) => {
    const { failure } = await thrown({ code, detail: 'Because.' });
    expect(failure).toBeInstanceOf(type);
    expect(failure).toMatchObject({ status, type: word, code: said, param: null, message: `${status} Because.` });
  });

  it.each([
    ['validation', 400, 'provider_rejected'],
    ['model-not-found', 404, 'model_not_found'],
    ['context-too-long', 400, 'context_length_exceeded'],
    ['content-filtered', 400, 'content_filter'],
  ] as const)('says that a provider refused for %s', (rejection, status, code) => {
    expect(writeOpenAiError({ code: 'provider_rejected', detail: 'No.', rejection }, 'id')).toEqual({
      status,
      body: { error: { message: 'No.', type: 'invalid_request_error', param: null, code } },
    });
  });

  it.each([
    ['/messages/0/content', 'messages[0].content'],
    ['/logit_bias/a~1b~0', 'logit_bias.a/b~'],
    ['/0', '[0]'],
    ['', null],
    ['x-tenant-id', 'x-tenant-id'],
  ])('names the field %s as %s', (pointer, param) => {
    const errors = [
      { pointer, detail: 'x' },
      { pointer: '/other', detail: 'y' },
    ];
    expect(writeOpenAiError({ code: 'bad_request', detail: 'No.', errors }, 'id').body).toMatchObject({
      error: { param },
    });
  });

  it.each(CODES)('has every field for %s, and is tried again by the client only where that can help', async (code) => {
    const { body } = writeOpenAiError({ code, detail: 'Because.' }, 'id');
    expect(openAiError.parse(body)).toEqual(body);
    const { calls } = await thrown({ code, detail: 'Because.' });
    expect(calls).toBe(ERRORS[code].retry === 'never' ? 1 : 2);
  });
});

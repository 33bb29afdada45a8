import OpenAI from 'openai';
import { expect } from 'vitest';
import type { Feature, Limit, Target } from './feature.ts';
import { openAi } from './openai-chat.ts';
import { RETRY_AFTER_SECONDS } from './vendor-faults.ts';
import { ASKS } from './vendor-says.ts';

/** What a call failed with; rejects where it did not fail with an error of the API's. */
async function failureOf(target: Target, model: string, content: string, apiKey = target.apiKey) {
  const client = openAi({ ...target, apiKey }, { maxRetries: 0 });
  const failure: unknown = await client.chat.completions
    .create({ model, messages: [{ role: 'user', content }] })
    .catch((error: unknown) => error);
  if (!(failure instanceof OpenAI.APIError)) throw new Error(`no API error: ${failure}`);
  return failure;
}

async function wrongKey(target: Target): Promise<void> {
  const failure = await failureOf(target, target.model, ASKS.hello, 'sk-of-somebody-else');
  expect(failure).toBeInstanceOf(OpenAI.AuthenticationError);
  expect(failure).toMatchObject({ status: 401, code: 'invalid_api_key', type: 'authentication_error' });
}

async function wrongModel(target: Target): Promise<void> {
  const failure = await failureOf(target, `${target.model}x`, ASKS.hello);
  expect(failure).toBeInstanceOf(OpenAI.NotFoundError);
  expect(failure).toMatchObject({ status: 404, code: 'model_not_found', param: 'model' });
  expect(failure.message).toContain(target.model);
  expect(target.seen()).toEqual([]);
}

async function retiredModel(target: Target): Promise<void> {
  const failure = await failureOf(target, target.model, ASKS.unknownModel);
  expect(failure).toBeInstanceOf(OpenAI.NotFoundError);
  expect(failure).toMatchObject({ status: 404, code: 'model_not_found' });
}

async function badRequest(target: Target): Promise<void> {
  const failure = await failureOf(target, target.model, ASKS.invalid);
  expect(failure).toBeInstanceOf(OpenAI.BadRequestError);
  expect(failure).toMatchObject({ status: 400, code: 'provider_rejected', type: 'invalid_request_error' });
  expect(failure.message).toContain('That is not how it is done.');
}

async function malformed(target: Target): Promise<void> {
  const refused = openAi(target).chat.completions.create({
    model: target.model,
    messages: [{ role: 'user', content: ASKS.hello }],
    temperature: 9,
  });
  await expect(refused).rejects.toBeInstanceOf(OpenAI.BadRequestError);
  await expect(refused).rejects.toMatchObject({ status: 400, param: 'temperature' });
  expect(target.seen()).toEqual([]);
}

async function tooLong(target: Target): Promise<void> {
  const failure = await failureOf(target, target.model, ASKS.tooLong);
  expect(failure).toBeInstanceOf(OpenAI.BadRequestError);
  expect(failure).toMatchObject({ status: 400, code: 'context_length_exceeded' });
}

async function rateLimit(target: Target): Promise<void> {
  const failure = await failureOf(target, target.model, ASKS.rateLimited);
  expect(failure).toBeInstanceOf(OpenAI.RateLimitError);
  expect(failure).toMatchObject({ status: 429, code: 'rate_limit_exceeded' });
  expect(failure.headers?.get('retry-after')).toBe(String(RETRY_AFTER_SECONDS));
}

async function crash(target: Target): Promise<void> {
  const failure = await failureOf(target, target.model, ASKS.crashed);
  expect(failure).toBeInstanceOf(OpenAI.InternalServerError);
  expect(failure).toMatchObject({ status: 502, code: 'provider_failed', type: 'server_error' });
  expect(failure.headers?.get('x-should-retry')).toBeNull();
}

async function wrongAccount(target: Target): Promise<void> {
  const client = openAi(target); // which would try again were it not told that that is futile
  const refused = client.chat.completions.create({
    model: target.model,
    messages: [{ role: 'user', content: ASKS.unauthorized }],
  });
  await expect(refused).rejects.toBeInstanceOf(OpenAI.InternalServerError);
  await expect(refused).rejects.toMatchObject({ status: 502, code: 'provider_auth_failed' });
  expect(target.seen()).toHaveLength(1);
}

const undocumented: Limit = {
  why: 'the provider does not say how it refuses one: as any refusal, `BadRequestError`',
  async instead(target) {
    const failure = await failureOf(target, target.model, ASKS.invalid);
    expect(failure).toMatchObject({ status: 400, code: 'provider_rejected' });
  },
};

export const OPENAI_ERROR_FEATURES: readonly Feature[] = [
  { name: '`AuthenticationError` (401) for a wrong key', run: wrongKey },
  { name: '`NotFoundError` (404) for an unknown model', run: wrongModel },
  { name: '`NotFoundError` (404) where the provider knows no such model', run: retiredModel },
  { name: '`BadRequestError` (400) with `param`', run: malformed },
  { name: '`BadRequestError` (400) where the provider refuses', run: badRequest },
  { name: '`context_length_exceeded`', run: tooLong, limits: { perplexity: undocumented } },
  { name: '`RateLimitError` (429) with `retry-after`', run: rateLimit },
  { name: '`InternalServerError` (502) where the provider fails', run: crash },
  { name: '`InternalServerError` (502), not retried, for wrong keys of the provider', run: wrongAccount },
];

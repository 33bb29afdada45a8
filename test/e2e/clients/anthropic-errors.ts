import Anthropic from '@anthropic-ai/sdk';
import { expect } from 'vitest';
import { anthropic } from './anthropic-messages.ts';
import type { Feature, Target } from './feature.ts';
import { RETRY_AFTER_SECONDS } from './vendor-faults.ts';
import { ASKS } from './vendor-says.ts';

/** What a call failed with; rejects where it did not fail with an error of the API's. */
async function failureOf(target: Target, model: string, content: string, apiKey = target.apiKey) {
  const client = anthropic({ ...target, apiKey }, { maxRetries: 0 });
  const failure: unknown = await client.messages
    .create({ model, max_tokens: 64, messages: [{ role: 'user', content }] })
    .catch((error: unknown) => error);
  if (!(failure instanceof Anthropic.APIError)) throw new Error(`no API error: ${failure}`);
  return failure;
}

async function wrongKey(target: Target): Promise<void> {
  const failure = await failureOf(target, target.model, ASKS.hello, 'sk-ant-of-somebody-else');
  expect(failure).toBeInstanceOf(Anthropic.AuthenticationError);
  expect(failure).toMatchObject({ status: 401, type: 'authentication_error', requestID: expect.any(String) });
}

async function wrongModel(target: Target): Promise<void> {
  const failure = await failureOf(target, `${target.model}x`, ASKS.hello);
  expect(failure).toBeInstanceOf(Anthropic.NotFoundError);
  expect(failure).toMatchObject({ status: 404, type: 'not_found_error' });
  expect(failure.message).toContain(target.model);
  expect(target.seen()).toEqual([]);
}

async function retiredModel(target: Target): Promise<void> {
  const failure = await failureOf(target, target.model, ASKS.unknownModel);
  expect(failure).toBeInstanceOf(Anthropic.NotFoundError);
  expect(failure).toMatchObject({ status: 404, type: 'not_found_error' });
}

async function malformed(target: Target): Promise<void> {
  const refused = anthropic(target).messages.create({ model: target.model, max_tokens: 64, messages: [] });
  await expect(refused).rejects.toBeInstanceOf(Anthropic.BadRequestError);
  await expect(refused).rejects.toMatchObject({ status: 400, type: 'invalid_request_error' });
  await expect(refused).rejects.toThrow('messages');
  expect(target.seen()).toEqual([]);
}

async function badRequest(target: Target): Promise<void> {
  const failure = await failureOf(target, target.model, ASKS.invalid);
  expect(failure).toBeInstanceOf(Anthropic.BadRequestError);
  expect(failure).toMatchObject({ status: 400, type: 'invalid_request_error' });
  expect(failure.message).toContain('That is not how it is done.');
}

async function rateLimit(target: Target): Promise<void> {
  const failure = await failureOf(target, target.model, ASKS.rateLimited);
  expect(failure).toBeInstanceOf(Anthropic.RateLimitError);
  expect(failure).toMatchObject({ status: 429, type: 'rate_limit_error' });
  expect(failure.headers?.get('retry-after')).toBe(String(RETRY_AFTER_SECONDS));
}

async function crash(target: Target): Promise<void> {
  const failure = await failureOf(target, target.model, ASKS.crashed);
  expect(failure).toBeInstanceOf(Anthropic.InternalServerError);
  expect(failure).toMatchObject({ status: 502, type: 'api_error' });
  expect(failure.headers?.get('x-should-retry')).toBeNull();
}

async function wrongAccount(target: Target): Promise<void> {
  const client = anthropic(target); // which would try again were it not told that that is futile
  const refused = client.messages.create({
    model: target.model,
    max_tokens: 64,
    messages: [{ role: 'user', content: ASKS.unauthorized }],
  });
  await expect(refused).rejects.toBeInstanceOf(Anthropic.InternalServerError);
  await expect(refused).rejects.toMatchObject({ status: 502, type: 'api_error' });
  expect(target.seen()).toHaveLength(1);
}

export const ANTHROPIC_ERROR_FEATURES: readonly Feature[] = [
  { name: '`AuthenticationError` (401) for a wrong key', run: wrongKey },
  { name: '`NotFoundError` (404) for an unknown model', run: wrongModel },
  { name: '`NotFoundError` (404) where the provider knows no such model', run: retiredModel },
  { name: '`BadRequestError` (400)', run: malformed },
  { name: '`BadRequestError` (400) where the provider refuses', run: badRequest },
  { name: '`RateLimitError` (429) with `retry-after`', run: rateLimit },
  { name: '`InternalServerError` (502) where the provider fails', run: crash },
  { name: '`InternalServerError` (502), not retried, for wrong keys of the provider', run: wrongAccount },
];

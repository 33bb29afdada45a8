import { expect, it } from 'vitest';
import { nameRateLimit } from './name-rate-limit.ts';

const limit = { name: null, windowSeconds: 60, maxRequests: null, maxTokens: null, maxConcurrent: null };

it.each([
  [{ maxRequests: 100 }, '100 requests per minute'],
  [{ maxTokens: 50_000, windowSeconds: 1 }, '50,000 tokens per second'],
  [{ maxRequests: 1, maxTokens: 2, windowSeconds: 7_200 }, '1 requests and 2 tokens per 2 hours'],
  [{ maxRequests: 0, windowSeconds: 90 }, '0 requests per 90 seconds'],
  [{ maxRequests: 5, windowSeconds: 86_400, maxConcurrent: 8 }, '5 requests per day, 8 at once'],
  [{ maxConcurrent: 8 }, '8 at once'],
  [{ maxConcurrent: 8, name: 'ours' }, 'ours'],
])('%j is called "%s"', (fields, name) => {
  expect(nameRateLimit({ ...limit, ...fields })).toBe(name);
});

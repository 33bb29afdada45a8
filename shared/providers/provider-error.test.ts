import { expect, it } from 'vitest';
import { AuthError, ProviderError, RateLimited, Retryable, ValidationError } from './provider-error.ts';

it.each([
  ['retryable', Retryable],
  ['rate-limited', RateLimited],
  ['auth', AuthError],
  ['validation', ValidationError],
] as const)('a failure of kind %s is of its class, and of no other', (kind, own) => {
  const error = ProviderError.of(kind, 'why', { retryAfterMs: 5 });
  const classes = [Retryable, RateLimited, AuthError, ValidationError].filter((one) => error instanceof one);
  expect(classes).toEqual([own]);
  expect(error).toMatchObject({ kind, message: 'why', retryAfterMs: 5, billing: 'not-billed', name: 'ProviderError' });
});

it('a kind without a class of its own is a ProviderError', () => {
  expect(ProviderError.of('upstream-cut', 'why').constructor).toBe(ProviderError);
});

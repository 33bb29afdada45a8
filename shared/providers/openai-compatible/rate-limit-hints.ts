import type { RateLimitHints, RateLimitWindow } from '../contract.ts';
import { readWindow } from '../http/rate-limit-window.ts';

/**
 * A reader of `x-ratelimit-{limit,remaining,reset}-*`, by what stands for the star.
 * https://developers.openai.com/api/docs/guides/rate-limits#rate-limits-in-headers
 */
export function rateLimitHintsOf(requests: string, tokens: string): (headers: Headers, now: number) => RateLimitHints {
  const read = (headers: Headers, unit: string, now: number): RateLimitWindow | null => {
    const name = (what: string) => `x-ratelimit-${what}-${unit}`;
    return readWindow(headers, { limit: name('limit'), remaining: name('remaining'), reset: name('reset') }, now);
  };
  return (headers, now) => ({ requests: read(headers, requests, now), tokens: read(headers, tokens, now) });
}

/** The limits in OpenAI's headers, which many of the compatible servers send as well. */
export const readRateLimitHints = rateLimitHintsOf('requests', 'tokens');

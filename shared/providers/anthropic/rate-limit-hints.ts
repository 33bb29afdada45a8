import type { RateLimitHints } from '../contract.ts';
import { readWindow } from '../http/rate-limit-window.ts';

/**
 * Reads `anthropic-ratelimit-*`. The headers for `tokens` are those of the limit that is nearest, input or output.
 * https://platform.claude.com/docs/en/api/rate-limits#response-headers
 */
export function readRateLimitHints(headers: Headers, now: number): RateLimitHints {
  const window = (name: string) => {
    const prefix = `anthropic-ratelimit-${name}`;
    return readWindow(
      headers,
      { limit: `${prefix}-limit`, remaining: `${prefix}-remaining`, reset: `${prefix}-reset` },
      now,
    );
  };
  return { requests: window('requests'), tokens: window('tokens') ?? window('input-tokens') };
}

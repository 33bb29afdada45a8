import { expect, it } from 'vitest';
import { retryAfterMs } from './retry-after.ts';

const DATE = 'Sun, 06 Nov 1994 08:49:37 GMT';

it.each([
  [{ 'retry-after': '2' }, 2_000],
  [{ 'retry-after': '1.5' }, 1_500],
  [{ 'retry-after': '0' }, 0],
  [{ 'retry-after': '7', 'retry-after-ms': '250' }, 250],
  [{ 'retry-after': 'Sun, 06 Nov 1994 08:50:07 GMT', date: DATE }, 30_000],
  [{ 'retry-after': 'Sun, 06 Nov 1994 08:00:00 GMT', date: DATE }, 0],
  [{ 'retry-after': 'Sun, 06 Nov 1994 08:50:07 GMT' }, undefined],
  [{ 'retry-after': '-5', date: DATE }, undefined],
  [{ 'retry-after': 'soon', date: DATE }, undefined],
  [{ 'retry-after': '9'.repeat(400) }, undefined],
  [{}, undefined],
])('%j asks to wait %s ms', (headers, wait) => {
  expect(retryAfterMs(new Headers(headers))).toBe(wait);
});

import { expect, it } from 'vitest';
import { codeOf } from './failing-provider.ts';
import { FAILURE } from './upstream-answers.ts';

it('reads the code of a problem and of an error in OpenAI’s format, and finds none where there is none', () => {
  expect(codeOf('{"type":"urn:eufm:error:provider_failed","code":"provider_failed"}')).toBe('provider_failed');
  expect(codeOf('{"error":{"message":"…","code":"provider_failed"}}')).toBe('provider_failed');
  expect(codeOf(FAILURE)).toBeNull();
  expect(codeOf('Internal Server Error')).toBeNull();
});
